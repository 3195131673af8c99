#pragma once

#include <string>

namespace madoguchi::test {

// Where the sources of these tests are: migrations, templates and sample files are read from there.
std::string source_directory();

}  // namespace madoguchi::test
