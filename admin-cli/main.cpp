#include "admin-cli/program.hpp"

int main(int argc, char** argv) {
    return madoguchi::admin_cli::run_program({argv + (argc > 0 ? 1 : 0), argv + argc});
}
