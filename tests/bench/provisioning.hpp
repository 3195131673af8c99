// Accounts by programs: forty thousand by the bulk API and by SCIM's Bulk over a bare COPY of what they leave behind,
// and one after the other by eight clients over bare durable inserts.
#pragma once

#include <filesystem>

namespace madoguchi::bench {

void provisioning(const std::filesystem::path& program);

}  // namespace madoguchi::bench
