#include "db/database.hpp"
