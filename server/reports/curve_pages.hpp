// /curve: the epidemic curve with its table, one day down to who reported it, and the figures as CSV and xlsx.
#pragma once

#include "directory/console_pages.hpp"
#include "reports/curve_chart.hpp"
#include "reports/curve_service.hpp"

namespace madoguchi::reports {

class CurvePages {
public:
    /// Keeps references.
    CurvePages(CurveService& service, CompletenessService& completeness, directory::Console& console)
        : service_(service), completeness_(completeness), console_(console) {}
    /// The routes keep a reference to this.
    void add_pages();

private:
    using Request = http::Request;
    using Principal = directory::Principal;
    using Page = Result<http::Response>;

    struct Asked {
        CurveQuestion question;  // with the days before the first one shown, for averages and comparisons
        ReportDate shown_from;
        bool with_follow_up = false;
        bool all_bands = false;
    };
    struct Found {
        Asked asked;
        Curve curve;
        std::map<ReportDate, DayComparison> compared;
    };

    // curve_pages.cpp
    Page curve(const Request& request, const Principal& principal);
    Asked asked_in(const Request& request) const;
    Result<Found> found(const Request& request, const Principal& principal, const Asked& asked);
    Result<void> show_places(render::View& page, const Request& request, const Principal& principal,
                             OrganizationId under);
    void show_filters(render::View& page, const Request& request, const Asked& asked) const;
    void show_tally(render::View& page, const Found& found) const;
    void show_chart(render::View& page, const Request& request, const Found& found) const;
    void show_table(render::View& page, const Request& request, const Found& found) const;

    // curve_day_pages.cpp
    Page day(const Request& request, const Principal& principal);
    Page as_csv(const Request& request, const Principal& principal);
    Page as_xlsx(const Request& request, const Principal& principal);
    std::vector<std::string> headings(const Request& request) const;
    Result<std::vector<std::vector<std::string>>> rows(const Request& request, const Principal& principal);

    std::string text(const Request& request, const std::string& id, const render::TextValues& values = {}) const {
        return console_.text(request, id, values);
    }

    CurveService& service_;
    CompletenessService& completeness_;
    directory::Console& console_;
};

/// "129.6", with a comma between thousands.
std::string shown_average(double average);

}  // namespace madoguchi::reports
