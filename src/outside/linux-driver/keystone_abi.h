/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 */
/* What launchers, driver and monitor say to each other: numbers and layouts of Keystone's interface. */
#ifndef CLOISTER_KEYSTONE_ABI_H
#define CLOISTER_KEYSTONE_ABI_H

#ifdef __KERNEL__
#include <linux/ioctl.h>
#include <linux/types.h>
#else
#include <linux/types.h>
#include <sys/ioctl.h>
#endif

struct keystone_create {
	__u64 eid;		/* out of CREATE, in of the others */
	__u64 min_pages;
	__u64 utm_size;
	__u64 runtime_paddr;
	__u64 user_paddr;
	__u64 free_paddr;
	__u64 free_requested;
	__u64 epm_paddr;	/* out of CREATE */
	__u64 epm_size;		/* out of CREATE */
	__u64 utm_paddr;	/* out of UTM_INIT */
};

struct keystone_run {
	__u64 eid;
	__u64 error;		/* of the monitor: 0, or one of KEYSTONE_* */
	__u64 value;
};

#define KEYSTONE_IOC_CREATE	_IOR(0xa4, 0x00, struct keystone_create)
#define KEYSTONE_IOC_DESTROY	_IOW(0xa4, 0x01, struct keystone_create)
#define KEYSTONE_IOC_RUN	_IOR(0xa4, 0x04, struct keystone_run)
#define KEYSTONE_IOC_RESUME	_IOR(0xa4, 0x05, struct keystone_run)
#define KEYSTONE_IOC_FINALIZE	_IOR(0xa4, 0x06, struct keystone_create)
#define KEYSTONE_IOC_UTM_INIT	_IOR(0xa4, 0x07, struct keystone_create)

#define KEYSTONE_INTERRUPTED	100002
#define KEYSTONE_EDGE_CALL	100011

#define KEYSTONE_SBI		0x08424b45
#define KEYSTONE_SBI_CREATE	2001
#define KEYSTONE_SBI_DESTROY	2002
#define KEYSTONE_SBI_RUN	2003
#define KEYSTONE_SBI_RESUME	2005
#define KEYSTONE_SBI_PLUGIN	4000
#define KEYSTONE_PLUGIN_POOL	0x434c

/* What CREATE of the monitor reads from the driver's memory. */
struct keystone_sbi_create {
	__u64 epm_paddr, epm_size;
	__u64 utm_paddr, utm_size;
	__u64 runtime_paddr, user_paddr, free_paddr, free_requested;
};

#endif
