// /organizations/import: organizations from a file, checked, corrected, confirmed and registered;
// /organizations/list.*: the list as a file, which imports again.
#pragma once

#include <functional>

#include "directory/console_pages.hpp"
#include "directory/organization_import_service.hpp"
#include "directory/organization_list_service.hpp"

namespace madoguchi::directory {

class OrganizationFilePages {
public:
    /// Keeps references. `confirmed` wakes the worker.
    OrganizationFilePages(OrganizationImportService& imports, OrganizationListService& lists, Console& console,
                          std::function<void()> confirmed)
        : imports_(imports), lists_(lists), console_(console), confirmed_(std::move(confirmed)) {}
    void add_pages();

private:
    using Request = http::Request;
    using Page = Result<http::Response>;

    // organization_file_pages.cpp
    Page list(const Request& request, const Principal& principal);
    Page draw_list(const Request& request, const Principal& principal, const Error* error);
    Page upload(const Request& request, const Principal& principal);
    Page one(const Request& request, const Principal& principal);
    Page correct(const Request& request, const Principal& principal);
    Page drop(const Request& request, const Principal& principal);
    Page draw_check(const Request& request, const Principal& principal, const ImportView& view, const Error* error);
    Page draw_progress(const Request& request, const Principal& principal, const ImportView& view, const Error* error);
    void show_lines(render::View& page, const Request& request, const FileImport& import, const ImportRow& row) const;
    std::string reason_text(const Request& request, const ImportRow& row) const;

    // organization_export_pages.cpp
    Page template_file(const Request& request, const Principal& principal);
    Page as_xlsx(const Request& request, const Principal& principal);
    Page as_csv(const Request& request, const Principal& principal);
    Page result_file(const Request& request, const Principal& principal);
    Result<std::vector<std::vector<std::string>>> exported(const Request& request, const Principal& principal);

    OrganizationImportService& imports_;
    OrganizationListService& lists_;
    Console& console_;
    std::function<void()> confirmed_;
};

}  // namespace madoguchi::directory
