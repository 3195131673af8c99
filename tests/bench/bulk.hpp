// Forty thousand accounts from one file, by way of the pages that a health centre uses, over a bare COPY of the rows
// that it leaves behind.
#pragma once

#include <filesystem>

namespace madoguchi::bench {

/// Prints the ratio of times and the server's peak of memory; then how long its letters take, and the peak with them.
void bulk_issue(const std::filesystem::path& program);

}  // namespace madoguchi::bench
