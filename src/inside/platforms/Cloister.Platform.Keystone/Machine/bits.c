// The same as in every machine of this processor.
#include "../../Cloister.Platform.Paged/Cpu/RiscV64/Machine/bits.c"
