# Lets programs of the Linux Test Project run their test in the first process, without fork, where LTP_NO_FORK is set:
#   sed -i -f eng/ltp-without-fork.sed PATH-OF-LTP/lib/tst_test.c, before LTP is built
# Tests that fork themselves still do.
/^static void testrun(void)/,/^}/ s/^\texit(0);/\tif (getenv("LTP_NO_FORK"))\n\t\treturn;\n\texit(0);/
/^static void fork_testrun(void)/,/^}/ {
    /^\ttest_pid = fork();/ i\
\tif (getenv("LTP_NO_FORK")) {\
\t\talarm(0);\
\t\tSAFE_SIGNAL(SIGALRM, SIG_DFL);\
\t\tSAFE_SIGNAL(SIGUSR1, SIG_DFL);\
\t\tSAFE_SIGNAL(SIGTERM, SIG_DFL);\
\t\tSAFE_SIGNAL(SIGINT, SIG_DFL);\
\t\ttestrun();\
\t\treturn;\
\t}
}
# The first process would look for its parent and tell it that it lives, which here is nobody who waits for it.
/^static void heartbeat(void)/,/^}/ s/^\tif (getppid() == 1) {/\tif (getenv("LTP_NO_FORK"))\n\t\treturn;\n&/
