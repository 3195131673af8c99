// People who open one screen after the other, and how long each took.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "load.hpp"

namespace madoguchi::bench {

struct Asks {
    int asks = 0;     // a reader, counted
    int skipped = 0;  // before them, to warm up
};

/// Milliseconds of each counted answer. `ask` makes the request of a number, which no two requests share. Throws when
/// an answer isn't 200.
std::vector<double> browse(std::uint16_t port, int readers, const Asks& asks,
                           const std::function<std::string(int)>& ask);

}  // namespace madoguchi::bench
