#pragma once

// MADOGUCHI_VERSION comes from CMake's project(... VERSION ...).
#ifndef MADOGUCHI_VERSION
#define MADOGUCHI_VERSION "unknown"
#endif

namespace madoguchi::admin_cli {

inline constexpr const char* kVersion = MADOGUCHI_VERSION;
inline constexpr const char* kUserAgent = "madoguchi-admin/" MADOGUCHI_VERSION;

}  // namespace madoguchi::admin_cli
