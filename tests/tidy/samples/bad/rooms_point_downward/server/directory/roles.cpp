#include "base/ids.hpp"
// #include "accounts/account.hpp"
#include "accounts/account.hpp"
#include "app/app.hpp"
