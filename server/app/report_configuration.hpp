// The keys of the daily report: what may be corrected, until when it is in time, when drafts are reminded of, on which
// days a report is expected.
#pragma once

#include <boost/program_options.hpp>

#include "base/result.hpp"
#include "reports/completeness.hpp"

namespace madoguchi::app {

void add_report_keys(boost::program_options::options_description& keys);

/// Errors: invalid, whose detail names the key at fault and what would be right.
Result<reports::ReportPolicy> read_report_policy(const boost::program_options::variables_map& values);
Result<reports::Schedule> read_report_schedule(const boost::program_options::variables_map& values);

}  // namespace madoguchi::app
