// /organizations: the tree and the list, a page each, and how one is registered, edited, closed and moved.
#pragma once

#include "directory/console_pages.hpp"
#include "directory/organization_list_service.hpp"
#include "directory/organization_service.hpp"

namespace madoguchi::directory {

class OrganizationPages {
public:
    /// Keeps references.
    OrganizationPages(OrganizationService& organizations, OrganizationListService& lists, Console& console)
        : organizations_(organizations), lists_(lists), console_(console) {}
    void add_pages();

private:
    using Request = http::Request;
    using Page = Result<http::Response>;

    // organization_pages.cpp
    Page list(const Request& request, const Principal& principal);
    Page organization(const Request& request, const Principal& principal);
    void show_facts(render::View& page, const Request& request, const Organization& organization) const;
    void show_acts(render::View& page, const Request& request, const Principal& principal,
                   const Organization& organization, const std::vector<OrganizationRef>& above) const;
    void show_done(render::View& page, const Request& request, const Organization& organization) const;
    Result<std::vector<OrganizationRef>> show_crumbs(render::View& page, const Request& request,
                                                     const Principal& principal, const Organization& organization);
    std::string kind_name(const Request& request, OrganizationKind kind) const;
    Result<Organization> wanted(const Request& request, const Principal& principal);

    // organization_form_pages.cpp
    Page ask_new(const Request& request, const Principal& principal);
    Page create(const Request& request, const Principal& principal);
    Page ask_edit(const Request& request, const Principal& principal);
    Page edit(const Request& request, const Principal& principal);
    Page check_code(const Request& request, const Principal& principal);
    struct Form;
    Page draw_form(const Request& request, const Principal& principal, const Form& form, const Error* error);
    void show_alike(render::View& page, const Request& request, const std::vector<ListedOrganization>& alike) const;
    void show_stale(render::View& page, const Request& request, const Form& form, const Organization& present) const;

    // organization_act_pages.cpp
    Page ask_close(const Request& request, const Principal& principal);
    Page close(const Request& request, const Principal& principal);
    Page reopen(const Request& request, const Principal& principal);
    Page ask_move(const Request& request, const Principal& principal);
    Page move(const Request& request, const Principal& principal);
    Page draw_close(const Request& request, const Principal& principal, const Organization& organization,
                    const std::string& reason, const Error* error);
    Page draw_move(const Request& request, const Principal& principal, const Organization& organization,
                   const http::Fields& typed, const Error* error);

    OrganizationService& organizations_;
    OrganizationListService& lists_;
    Console& console_;
};

/// The rows of {{@organization_table}}.
void show_organization_rows(render::View& page, const Console& console, const http::Request& request,
                            const std::vector<ListedOrganization>& rows);
/// The conditions of the list that the address names, and back as a query.
OrganizationQuestion question_of(const http::Request& request);
std::string query_of(const OrganizationQuestion& question);
/// "/organizations/12"
std::string address_of(OrganizationId organization);

}  // namespace madoguchi::directory
