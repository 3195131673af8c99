// The console's side of one-time links: sending one for an account or a part of a batch, and the mobile number that an
// organization is written to. The public page that opens a link is console/handover_opening_pages.
#pragma once

#include "accounts/handover_service.hpp"
#include "directory/console_pages.hpp"

namespace madoguchi::accounts {

class HandoverPages {
public:
    /// Keeps references.
    HandoverPages(HandoverService& handover, directory::OrganizationService& organizations, directory::Console& console)
        : handover_(handover), organizations_(organizations), console_(console) {}
    void add_pages();

private:
    using Request = http::Request;
    using Page = Result<http::Response>;

    Page ask(const Request& request, const Principal& principal);
    Page send(const Request& request, const Principal& principal);
    Page print_ids(const Request& request, const Principal& principal);
    Page ask_batch(const Request& request, const Principal& principal);
    Page send_batch(const Request& request, const Principal& principal);
    Page print_batch_ids(const Request& request, const Principal& principal);
    Page list(const Request& request, const Principal& principal);
    Page ask_contact(const Request& request, const Principal& principal);
    Page register_contact(const Request& request, const Principal& principal);
    Page remove_contact(const Request& request, const Principal& principal);
    Page draw(const Request& request, const Principal& principal, const Error* error);
    Page draw_contact(const Request& request, const Principal& principal, const std::string& typed, const Error* error);

    HandoverService& handover_;
    directory::OrganizationService& organizations_;
    directory::Console& console_;
};

/// The rows of {{@handover_links}}.
void show_links(render::View& page, const directory::Console& console, const http::Request& request,
                const std::vector<HandoverLink>& links);

}  // namespace madoguchi::accounts
