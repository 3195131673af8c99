// /report: the form, the confirmation, the receipt, the history; adjustments and corrections; the health centre's list
// of drafts. Works without scripts; scripts add up, save what is typed, and say when midnight has passed.
#pragma once

#include "directory/console_pages.hpp"
#include "directory/guard.hpp"
#include "directory/organization_service.hpp"
#include "http/route_table.hpp"
#include "render/page_writer.hpp"
#include "reports/daily_report_service.hpp"

namespace madoguchi::reports {

class ReportPages {
public:
    struct Parts {
        DailyReportService& service;
        directory::OrganizationService& organizations;
        directory::Guard guard;
        directory::Console& console;
        const render::PageWriter& writer;
    };
    explicit ReportPages(Parts parts) : parts_(std::move(parts)) {}
    /// The routes keep a reference to this.
    void add_to(http::RouteTable& routes);
    /// What the page asked before signing out says of drafts that were not sent.
    void note_drafts(const http::Request& request, const Principal& principal, render::View& page) const;

private:
    using Request = http::Request;
    using Page = Result<http::Response>;
    using Handler = Page (ReportPages::*)(const Request&, const Principal&);

    void add(http::RouteTable& routes, http::Method method, std::string path, Handler handler);
    /// Not signed in any more: what was typed comes back on a page from which it can be sent again.
    Page session_lost(const Request& request, const Error& error) const;
    render::View view(const Request& request, const Principal& principal) const;
    std::string text(const Request& request, const std::string& id, const render::TextValues& values = {}) const;

    // report_pages.cpp
    Page entry(const Request& request, const Principal& principal);
    Page go_on(const Request& request, const Principal& principal);
    Page save(const Request& request, const Principal& principal);
    Page confirmation(const Request& request, const Principal& principal);
    Page submit(const Request& request, const Principal& principal);
    Page submit_nothing(const Request& request, const Principal& principal, const Opening& opening, const Typed& typed,
                        int seen_version, ReportKind kind);
    /// The form again, with what was typed; `error`: why it did not go on.
    Page draw_entry(const Request& request, const Principal& principal, const Entry& entry, const Read* read,
                    const Error* error, int status) const;
    Page draw_done(const Request& request, const Principal& principal, const Entry& entry) const;
    /// Somebody was first: who, when, with which number, and the difference to what was typed.
    Page conflict(const Request& request, const Principal& principal, ReportDate date, const Typed& typed);
    /// What the form was refused for, on the page that suits it.
    Page refuse_entry(const Request& request, const Principal& principal, const Opening& opening, const Typed& typed,
                      const Error& error);
    void show_receiver(render::View& page, const Request& request, const OrganizationRef& place) const;

    // report_history_pages.cpp
    Page receipt(const Request& request, const Principal& principal);
    Page history(const Request& request, const Principal& principal);
    Page versions(const Request& request, const Principal& principal);
    Page drafts(const Request& request, const Principal& principal);
    void show_day(render::View& page, const Request& request, const Day& day) const;

    // report_change_pages.cpp
    Page adjustment(const Request& request, const Principal& principal);
    Page adjust(const Request& request, const Principal& principal);
    Page draw_adjustment(const Request& request, const Principal& principal, const Entry& entry, const Error* error);
    Page correction(const Request& request, const Principal& principal);
    Page correct(const Request& request, const Principal& principal);
    Page draw_correction(const Request& request, const Principal& principal, const Report& report,
                         const http::Fields* typed, const Error* error) const;

    Parts parts_;
};

}  // namespace madoguchi::reports
