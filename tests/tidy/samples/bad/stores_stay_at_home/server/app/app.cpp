#include "directory/grant_store.hpp"
