// The daily report at the size of the country: 40,000 organizations that report, over bare durable inserts, and the
// completeness page over a year of their reports.
#pragma once

#include <filesystem>

namespace madoguchi::bench {

/// Submissions a second over pgbench's single-row durable inserts on the same cluster (aim 0.6). Takes three minutes.
void report_submissions(const std::filesystem::path& program);

/// The 99th percentile of the completeness page, with a year of reports, at 4,000 and at 40,000 organizations. Takes
/// twenty minutes, nearly all of it to write fifteen million reports.
void completeness_at_scale(const std::filesystem::path& program);

}  // namespace madoguchi::bench
