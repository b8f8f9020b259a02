// The same for every processor.
#include "../../start.c"
