// The same for every processor.
#include "../../Cloister.Platform.Paged/Cpu/start.c"
