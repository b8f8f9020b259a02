// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
/*
 * /dev/keystone_enclave: Keystone's interface for launchers, on Cloister.Monitor or on the stock monitor.
 *
 * An open file has at most one enclave. Its memory lives as long as the file does, mappings included: a launcher that destroys its enclave, forks,
 * or is killed never holds pages that the kernel has given to somebody else. Memory comes from the page allocator, or, where that has no piece
 * as large, from the pool that the monitor keeps out of Linux's memory.
 */
#include <linux/fs.h>
#include <linux/genalloc.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/log2.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#include <asm/sbi.h>
#include "keystone_abi.h"

/* Numbers of enclaves as launchers see them begin here, as the stock driver's do. */
#define FIRST_EID 0x1000

/* Pieces of the pool: runtimes map memory of more than 2 MiB by large pages, which begin at multiples of 2 MiB. */
#define POOL_ORDER 21

struct piece {
	void *address;
	phys_addr_t physical;
	size_t size;
	bool is_pool;
};

struct enclave {
	struct mutex lock;
	u64 eid;
	u64 monitor_eid;
	bool is_created;	/* there is memory */
	bool is_final;		/* the monitor has it */
	struct piece epm, utm;
};

static atomic64_t next_eid = ATOMIC64_INIT(FIRST_EID);
static struct gen_pool *pool;
static void *pool_mapping;

/* Order 0 is a page. */
static int piece_order(size_t size)
{
	return get_order(size);
}

static void clear_slowly(void *address, size_t size)
{
	size_t done;

	for (done = 0; done < size; done += SZ_1M) {
		memset(address + done, 0, min_t(size_t, SZ_1M, size - done));
		cond_resched();
	}
}

static int piece_alloc(struct piece *piece, size_t size)
{
	int order = piece_order(size);
	unsigned long address = 0;

	/* MAX_ORDER was the first order that isn't there until 6.4, and has been the last one since, under two names. */
	if (order <= 10)
		address = __get_free_pages(GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN | __GFP_NORETRY, order);
	if (address) {
		piece->address = (void *)address;
		piece->physical = __pa(address);
		piece->size = PAGE_SIZE << order;
		piece->is_pool = false;
		return 0;
	}
	if (!pool)
		return -ENOMEM;
	size = ALIGN(size, 1ul << POOL_ORDER);
	address = gen_pool_alloc(pool, size);
	if (!address)
		return -ENOMEM;
	piece->address = (void *)address;
	piece->physical = gen_pool_virt_to_phys(pool, address);
	piece->size = size;
	piece->is_pool = true;
	clear_slowly(piece->address, size);
	return 0;
}

static void piece_free(struct piece *piece)
{
	if (!piece->address)
		return;
	if (piece->is_pool)
		gen_pool_free(pool, (unsigned long)piece->address, piece->size);
	else
		free_pages((unsigned long)piece->address, piece_order(piece->size));
	memset(piece, 0, sizeof(*piece));
}

static struct sbiret monitor_call(unsigned long function, unsigned long a0)
{
	return sbi_ecall(KEYSTONE_SBI, function, a0, 0, 0, 0, 0, 0);
}

static long enclave_create(struct enclave *enclave, struct keystone_create *arg)
{
	int error;

	if (enclave->is_created)
		return -EBUSY;
	if (!arg->min_pages || arg->min_pages > (totalram_pages() << 4))
		return -EINVAL;
	error = piece_alloc(&enclave->epm, arg->min_pages << PAGE_SHIFT);
	if (error)
		return error;
	enclave->is_created = true;
	enclave->eid = atomic64_inc_return(&next_eid) - 1;
	arg->eid = enclave->eid;
	arg->epm_paddr = enclave->epm.physical;
	arg->epm_size = enclave->epm.size;
	return 0;
}

static long enclave_utm_init(struct enclave *enclave, struct keystone_create *arg)
{
	int error;

	if (enclave->is_final || enclave->utm.address)
		return -EBUSY;
	if (!arg->utm_size || arg->utm_size > SZ_1G)
		return -EINVAL;
	error = piece_alloc(&enclave->utm, arg->utm_size);
	if (error)
		return error;
	arg->utm_paddr = enclave->utm.physical;
	return 0;
}

static long enclave_finalize(struct enclave *enclave, struct keystone_create *arg)
{
	struct keystone_sbi_create create;
	struct sbiret result;

	if (enclave->is_final)
		return -EBUSY;
	if (!enclave->utm.address)
		return -EINVAL;
	create = (struct keystone_sbi_create) {
		.epm_paddr = enclave->epm.physical, .epm_size = enclave->epm.size,
		.utm_paddr = enclave->utm.physical, .utm_size = enclave->utm.size,
		.runtime_paddr = arg->runtime_paddr, .user_paddr = arg->user_paddr,
		.free_paddr = arg->free_paddr, .free_requested = arg->free_requested,
	};
	result = monitor_call(KEYSTONE_SBI_CREATE, (unsigned long)&create);
	if (result.error) {
		pr_debug("cloister_keystone: create: the monitor says %ld\n", result.error);
		return -EINVAL;
	}
	enclave->monitor_eid = result.value;
	enclave->is_final = true;
	return 0;
}

/* Interrupts are the host's business: the enclave goes on after them, until somebody wants this thread. */
static long enclave_run(struct enclave *enclave, struct keystone_run *arg, unsigned long function)
{
	struct sbiret result;

	if (!enclave->is_final)
		return -EINVAL;
	for (;;) {
		result = monitor_call(function, enclave->monitor_eid);
		if (result.error != KEYSTONE_INTERRUPTED || signal_pending(current))
			break;
		cond_resched();
		function = KEYSTONE_SBI_RESUME;
	}
	arg->error = result.error;
	arg->value = result.value;
	return 0;
}

/* The memory stays until the file is closed: there may be mappings of it. */
static long enclave_destroy(struct enclave *enclave)
{
	struct sbiret result;

	if (!enclave->is_final)
		return 0;
	result = monitor_call(KEYSTONE_SBI_DESTROY, enclave->monitor_eid);
	if (result.error) {
		pr_err("cloister_keystone: destroy: the monitor says %ld; the enclave's memory is lost\n", result.error);
		return -EBUSY;
	}
	enclave->is_final = false;
	return 0;
}

static long device_ioctl(struct file *file, unsigned int command, unsigned long address)
{
	struct enclave *enclave = file->private_data;
	union {
		struct keystone_create create;
		struct keystone_run run;
		u64 eid;
	} arg = {};
	size_t size;
	long error;

	switch (command) {
	case KEYSTONE_IOC_CREATE:
	case KEYSTONE_IOC_DESTROY:
	case KEYSTONE_IOC_FINALIZE:
	case KEYSTONE_IOC_UTM_INIT:
		size = sizeof(arg.create);
		break;
	case KEYSTONE_IOC_RUN:
	case KEYSTONE_IOC_RESUME:
		size = sizeof(arg.run);
		break;
	default:
		return -ENOTTY;
	}
	if (copy_from_user(&arg, (void __user *)address, size))
		return -EFAULT;
	if (mutex_lock_interruptible(&enclave->lock))
		return -ERESTARTSYS;
	error = -EINVAL;
	if (command == KEYSTONE_IOC_CREATE)
		error = enclave_create(enclave, &arg.create);
	else if (!enclave->is_created || arg.eid != enclave->eid)
		;
	else if (command == KEYSTONE_IOC_UTM_INIT)
		error = enclave_utm_init(enclave, &arg.create);
	else if (command == KEYSTONE_IOC_FINALIZE)
		error = enclave_finalize(enclave, &arg.create);
	else if (command == KEYSTONE_IOC_DESTROY)
		error = enclave_destroy(enclave);
	else
		error = enclave_run(enclave, &arg.run, command == KEYSTONE_IOC_RUN ? KEYSTONE_SBI_RUN : KEYSTONE_SBI_RESUME);
	mutex_unlock(&enclave->lock);
	if (!error && copy_to_user((void __user *)address, &arg, size))
		error = -EFAULT;
	return error;
}

/* The enclave's memory, as long as the launcher fills it, and what is shared with it afterwards. */
static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct enclave *enclave = file->private_data;
	unsigned long size = vma->vm_end - vma->vm_start, offset = vma->vm_pgoff << PAGE_SHIFT;
	struct piece *piece;
	int error = -EINVAL;

	if (vma->vm_pgoff > ULONG_MAX >> PAGE_SHIFT)
		return -EINVAL;
	if (mutex_lock_interruptible(&enclave->lock))
		return -ERESTARTSYS;
	piece = enclave->is_final ? &enclave->utm : &enclave->epm;
	if (piece->address && offset <= piece->size && size <= piece->size - offset)
		error = remap_pfn_range(vma, vma->vm_start, (piece->physical + offset) >> PAGE_SHIFT, size, vma->vm_page_prot);
	mutex_unlock(&enclave->lock);
	return error;
}

static int device_open(struct inode *inode, struct file *file)
{
	struct enclave *enclave = kzalloc(sizeof(*enclave), GFP_KERNEL_ACCOUNT);

	if (!enclave)
		return -ENOMEM;
	mutex_init(&enclave->lock);
	file->private_data = enclave;
	return 0;
}

/* Nobody has the file any more, nor a mapping of it. What the monitor doesn't give back is never used again. */
static int device_release(struct inode *inode, struct file *file)
{
	struct enclave *enclave = file->private_data;

	if (!enclave_destroy(enclave)) {
		piece_free(&enclave->epm);
		piece_free(&enclave->utm);
	}
	kfree(enclave);
	return 0;
}

static const struct file_operations device_operations = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.mmap = device_mmap,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "keystone_enclave",
	.fops = &device_operations,
};

static void pool_release(void)
{
	if (pool)
		gen_pool_destroy(pool);
	if (pool_mapping)
		memunmap(pool_mapping);
	pool = NULL;
	pool_mapping = NULL;
}

/* Only our monitor has a pool; others answer with an error. */
static int pool_init(void)
{
	struct sbiret start = sbi_ecall(KEYSTONE_SBI, KEYSTONE_SBI_PLUGIN, KEYSTONE_PLUGIN_POOL, 1, 0, 0, 0, 0);
	struct sbiret size = sbi_ecall(KEYSTONE_SBI, KEYSTONE_SBI_PLUGIN, KEYSTONE_PLUGIN_POOL, 2, 0, 0, 0, 0);

	if (start.error || size.error || !size.value)
		return 0;
	pool_mapping = memremap(start.value, size.value, MEMREMAP_WB);
	pool = pool_mapping ? gen_pool_create(POOL_ORDER, -1) : NULL;
	if (!pool || gen_pool_add_virt(pool, (unsigned long)pool_mapping, start.value, size.value, -1)) {
		pool_release();
		return -ENOMEM;
	}
	pr_info("cloister_keystone: %lu MiB for enclaves outside of Linux's memory\n", (unsigned long)size.value >> 20);
	return 0;
}

static int __init driver_init_module(void)
{
	int error;

	if (sbi_spec_is_0_1())
		return -ENODEV;
	error = pool_init();
	if (error)
		return error;
	error = misc_register(&device);
	if (error)
		pool_release();
	return error;
}

static void __exit driver_exit_module(void)
{
	misc_deregister(&device);
	pool_release();
}

module_init(driver_init_module);
module_exit(driver_exit_module);
MODULE_DESCRIPTION("Keystone enclaves");
MODULE_LICENSE("GPL v2");
