#include "support/source_directory.hpp"

namespace madoguchi::test {

std::string source_directory() {
    return MADOGUCHI_SOURCE_DIR;
}

}  // namespace madoguchi::test
