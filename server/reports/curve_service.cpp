#include "reports/curve_service.hpp"

#include <algorithm>

namespace madoguchi::reports {
namespace {

using directory::OrganizationKind;
using directory::OrganizationRef;
using directory::Principal;

void add(AgeBandCounts& to, const AgeBandCounts& counts) {
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        to.of.at(band) += counts.of.at(band);
    }
}

void add(Curve& to, const Curve& figures) {
    for (const auto& [date, day] : figures) {
        auto& sum = to[date];
        add(sum.organizations, day.organizations);
        add(sum.follow_up, day.follow_up);
        add(sum.adjustments, day.adjustments);
        sum.received += day.received;
    }
}

bool looks_further_down(OrganizationKind kind) {
    return kind == OrganizationKind::ministry || kind == OrganizationKind::prefecture;
}

}  // namespace

Result<Curve> CurveService::figures(const Principal& principal, const CurveQuestion& question, Instant now) {
    Curve out;
    for (const auto& [date, total] :
         TRY(completeness_.days(principal, question.under, question.from, question.to, now))) {
        out[date].expected = total.expected;
    }
    for (const Actor& actor : TRY(completeness_.lookers(principal, question.under, now))) {
        add(out, TRY(database_.transact(actor, [&](db::Transaction& tx) { return store_.figures(tx, question); })));
    }
    return out;
}

Result<DayReports> CurveService::day(const Principal& principal, const CurveQuestion& question, OrganizationId after,
                                     int limit, Instant now) {
    DayReports out;
    out.figures = TRY(figures(principal, question, now))[question.from];
    const auto path = TRY(places(principal, question.under, now));
    for (const Actor& actor : TRY(completeness_.lookers(principal, question.under, now))) {
        TRY(database_.transact(actor, [&](db::Transaction& tx) -> Result<void> {
            auto found = TRY(store_.reports(tx, question, after, limit + 1));
            std::move(found.begin(), found.end(), std::back_inserter(out.reports));
            if (!path.empty() && looks_further_down(path.back().kind)) {
                out.units = TRY(store_.units(tx, question, path.back().path));
            }
            return {};
        }));
    }
    std::sort(out.reports.begin(), out.reports.end(), [](const CountedReport& left, const CountedReport& right) {
        return std::make_pair(-left.total, left.organization.id) < std::make_pair(-right.total, right.organization.id);
    });
    if (out.reports.size() > static_cast<std::size_t>(limit)) {
        out.reports.resize(static_cast<std::size_t>(limit));
        out.more = true;
    }
    return out;
}

Result<std::vector<OrganizationRef>> CurveService::places(const Principal& principal, OrganizationId under,
                                                          Instant now) {
    const auto actors = TRY(completeness_.lookers(principal, under, now));
    if (actors.size() != 1) {
        return std::vector<OrganizationRef>();
    }
    return database_.transact(actors.front(), [&](db::Transaction& tx) -> Result<std::vector<OrganizationRef>> {
        const auto top = TRY(organizations_.find_place(tx, actors.front().organization));
        const auto place = under ? TRY(organizations_.find_place(tx, under)) : top;
        return top && place ? organizations_.places_between(tx, top->path, place->path)
                            : Result<std::vector<OrganizationRef>>(std::vector<OrganizationRef>());
    });
}

Result<std::vector<OrganizationRef>> CurveService::below(const Principal& principal, OrganizationId under,
                                                         Instant now) {
    std::vector<OrganizationRef> out;
    const auto path = TRY(places(principal, under, now));
    if (path.empty() || !looks_further_down(path.back().kind)) {
        return out;
    }
    const auto actors = TRY(completeness_.lookers(principal, under, now));
    const auto units = TRY(database_.transact(
        actors.front(), [&](db::Transaction& tx) { return organizations_.units(tx, path.back().path, date_at(now)); }));
    std::transform(units.begin(), units.end(), std::back_inserter(out),
                   [](const UnitTally& unit) { return unit.organization; });
    return out;
}

}  // namespace madoguchi::reports
