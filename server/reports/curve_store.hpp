// SQL of the epidemic curve: figures by day as they were known at an instant, and who reported them. The policies show
// a transaction only what lies within its jurisdiction.
#pragma once

#include <vector>

#include "db/database.hpp"
#include "directory/authorization.hpp"
#include "reports/curve.hpp"

namespace madoguchi::reports {

/// What is asked of the figures. `as_of`: versions and adjustments that were stored later do not count.
struct CurveQuestion {
    ReportDate from;
    ReportDate to;
    OrganizationId under = {};  // 0: the whole jurisdiction
    Instant as_of;
};

/// One organization's report of one day, in the version that counted.
struct CountedReport {
    directory::OrganizationRef organization;
    std::string kind;  // as it was that day: facility, health_center, follow_up_center
    int version = 1;
    AgeBandCounts counts;
    std::int64_t total = 0;
};

/// A prefecture or health centre, and what everybody below it reported for a day.
struct UnitFigures {
    directory::OrganizationRef organization;
    std::int64_t organizations = 0;  // people, of clinics and health centres
    std::int64_t follow_up = 0;      // people, of follow-up centres
    std::int64_t received = 0;       // reports
};

class CurveStore {
public:
    /// Counts, adjustments and reports received; nothing of what was expected. Days without any are left out.
    Result<Curve> figures(db::Transaction& tx, const CurveQuestion& question) const;
    /// Of one day (`question.from`), most people first; `after`: the last one of the page before, 0: from the start.
    Result<std::vector<CountedReport>> reports(db::Transaction& tx, const CurveQuestion& question, OrganizationId after,
                                               int limit) const;
    /// Of one day, right below the organization with this path.
    Result<std::vector<UnitFigures>> units(db::Transaction& tx, const CurveQuestion& question,
                                           const std::string& path) const;
};

}  // namespace madoguchi::reports
