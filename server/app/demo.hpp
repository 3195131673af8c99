// The demo: an invented country loaded through the services that people use, not by SQL of its own.
#pragma once

#include "app/configuration.hpp"

namespace madoguchi::app {

/// Fills a database that holds nothing but the ministry, prints progress and one account per role; where there is
/// more, changes nothing and says so. Development mode only. Errors: those of the services.
Result<void> load_demo(const Configuration& configuration);

}  // namespace madoguchi::app
