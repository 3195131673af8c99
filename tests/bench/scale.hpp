// The console's list, search and account page in a country of a million accounts, over the same at ten thousand.
#pragma once

#include <filesystem>

namespace madoguchi::bench {

/// Prints a ratio of p99 a screen. Takes some minutes and eight gigabytes of disk: the large country has to be written.
void console_at_scale(const std::filesystem::path& program);

}  // namespace madoguchi::bench
