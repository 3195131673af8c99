// Use cases of the epidemic curve and of figures handed out: within the jurisdictions of the grants that see reports of
// others.
#pragma once

#include "reports/completeness_service.hpp"
#include "reports/curve_store.hpp"

namespace madoguchi::reports {

/// A day's figures, who they came from, and where to look next.
struct DayReports {
    DayFigures figures;
    std::vector<UnitFigures> units;  // below the place, where it has prefectures or centres
    std::vector<CountedReport> reports;
    bool more = false;
};

class CurveService {
public:
    CurveService(db::Database& database, CompletenessService& completeness)
        : database_(database), completeness_(completeness) {}

    const ReportPolicy& policy() const { return completeness_.policy(); }

    /// Every day from `question.from` to `question.to`, those without a report too. What was expected is counted by the
    /// weekdays and organizations of now. Errors: forbidden, not_found (the place lies outside).
    Result<Curve> figures(const directory::Principal& principal, const CurveQuestion& question, Instant now);
    /// Of `question.from` alone. Errors: as figures.
    Result<DayReports> day(const directory::Principal& principal, const CurveQuestion& question, OrganizationId after,
                           int limit, Instant now);
    /// From the top of the jurisdiction to the place looked at; nothing where there are several jurisdictions.
    Result<std::vector<directory::OrganizationRef>> places(const directory::Principal& principal, OrganizationId under,
                                                           Instant now);
    /// Prefectures or centres right below the place looked at.
    Result<std::vector<directory::OrganizationRef>> below(const directory::Principal& principal, OrganizationId under,
                                                          Instant now);

private:
    db::Database& database_;
    CompletenessService& completeness_;
    CurveStore store_;
    CompletenessStore organizations_;
};

}  // namespace madoguchi::reports
