// /report-import: reports out as a file, a template, and a file in: checked, looked at, confirmed as a single report
// is, and reported with a receipt a row. For health centres within the console, for a clinic within its own pages.
// Works without scripts.
#pragma once

#include <functional>

#include "directory/console_pages.hpp"
#include "reports/report_import_service.hpp"

namespace madoguchi::reports {

class ReportImportPages {
public:
    /// Keeps references. `confirmed` wakes the worker.
    ReportImportPages(ReportImportService& service, directory::Console& console, std::function<void()> confirmed)
        : service_(service), console_(console), confirmed_(std::move(confirmed)) {}
    void add_pages();

private:
    using Request = http::Request;
    using Page = Result<http::Response>;

    // report_import_pages.cpp
    Page list(const Request& request, const Principal& principal);
    Page draw_list(const Request& request, const Principal& principal, const Error* error);
    Page upload(const Request& request, const Principal& principal);
    Page one(const Request& request, const Principal& principal);
    Page decide(const Request& request, const Principal& principal);
    Page confirmation(const Request& request, const Principal& principal);
    Page confirm(const Request& request, const Principal& principal);
    Page drop(const Request& request, const Principal& principal);
    /// What was typed again and what is wrong with it, while a page is drawn anew.
    struct Typed {
        ReportImportService::RowsAgain again;
        ReportImportService::RowErrors errors;
    };
    Page draw_check(const Request& request, const Principal& principal, const ReportImportView& view,
                    const Typed& typed, const Error* error);
    Page draw_confirmation(const Request& request, const Principal& principal, const Error* error);
    Page draw_progress(const Request& request, const Principal& principal, const ReportImportView& view);
    void show_lines(render::View& page, const Request& request, const FileImport& import, const directory::FileRow& row,
                    const Typed& typed) const;
    void show_again(render::View& line, const Request& request, int row, std::size_t column, const Typed& typed) const;
    void show_reports(render::View& page, const Request& request, const std::string& address,
                      const ReportImportFigures& figures, bool with_results) const;
    render::View view(const Request& request, const Principal& principal, bool inner) const;
    Page draw(const Request& request, const std::string& name, render::View& page, const Error* error) const;

    // report_file_pages.cpp
    Page template_xlsx(const Request& request, const Principal& principal);
    Page template_csv(const Request& request, const Principal& principal);
    Page export_xlsx(const Request& request, const Principal& principal);
    Page export_csv(const Request& request, const Principal& principal);
    Page result_file(const Request& request, const Principal& principal);
    Result<std::vector<std::vector<std::string>>> template_rows(const Request& request, const Principal& principal);
    Result<std::vector<std::vector<std::string>>> export_rows(const Request& request, const Principal& principal);
    std::vector<std::string> headings(const Request& request, bool exported) const;

    std::string text(const Request& request, const std::string& id, const render::TextValues& values = {}) const {
        return console_.text(request, id, values);
    }
    std::string reason_text(const Request& request, const directory::FileProblem& problem) const;

    ReportImportService& service_;
    directory::Console& console_;
    std::function<void()> confirmed_;
};

}  // namespace madoguchi::reports
