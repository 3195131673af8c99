#pragma once

#include "db/query.hpp"

namespace madoguchi::db {

/// For a transaction whose questions fit no single plan (a clinic's and the whole country's): what follows in it is
/// planned for the values that it is asked with. Ask it with Transaction::one().
inline constexpr Query kPlanForTheseValues = {
    "plan_for_these_values", "select set_config('plan_cache_mode', 'force_custom_plan', true) as mode"};

/// The same for a page that people wait for: to start parallel workers takes longer than such a page may.
inline constexpr Query kPlanForAPage = {"plan_for_a_page", R"(
    select set_config('plan_cache_mode', 'force_custom_plan', true) as mode,
           set_config('max_parallel_workers_per_gather', '0', true) as workers)"};

}  // namespace madoguchi::db
