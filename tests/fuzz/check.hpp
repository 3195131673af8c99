#pragma once

#include <cstdlib>

/// What must hold for any input; a breach is a crash that the fuzzer keeps.
inline void check(bool holds) {
    if (!holds) {
        std::abort();
    }
}
