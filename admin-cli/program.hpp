#pragma once

#include <string>
#include <vector>

namespace madoguchi::admin_cli {

/// Runs one command line (without the program's name) and returns the exit code.
int run_program(const std::vector<std::string>& arguments);

}  // namespace madoguchi::admin_cli
