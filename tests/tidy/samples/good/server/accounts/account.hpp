// Rules of accounts. Pure.
#pragma once

#include "base/ids.hpp"
#include "directory/roles.hpp"
