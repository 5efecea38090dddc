// What Swift has no word for: a hint to the processor.
#pragma once

/// Fetches the cache line of `address`, to be written to soon. Any address may be given; nothing is read.
static inline void weir_prefetch(const void *_Nonnull address) { __builtin_prefetch(address, 1); }
