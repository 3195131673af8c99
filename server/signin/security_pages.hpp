// The security page and what it leads to: second steps, sessions, activity, "confirm it's you".
#pragma once

#include "http/route_table.hpp"
#include "render/page_writer.hpp"
#include "signin/recovery_code_service.hpp"
#include "signin/sign_in_service.hpp"

namespace madoguchi::signin {

class SecurityPages {
public:
    SecurityPages(SecurityService& security, RecoveryCodeService& recovery_codes, SignInService& sign_in,
                  SessionService& sessions, const render::PageWriter& writer)
        : security_(security),
          recovery_codes_(recovery_codes),
          sign_in_(sign_in),
          sessions_(sessions),
          writer_(writer) {}
    /// The routes keep a reference to this.
    void add_to(http::RouteTable& routes);

private:
    using Page = Result<http::Response>;
    using Principal = directory::Principal;
    using SignedInHandler = Page (SecurityPages::*)(const http::Request&, const Principal&);

    Page overview(const http::Request& request, const Principal& principal);
    Page activity(const http::Request& request, const Principal& principal);
    Page confirm(const http::Request& request, const Principal& principal);
    Page enter_password(const http::Request& request, const Principal& principal);
    Page new_method(const http::Request& request, const Principal& principal);
    Page add_method(const http::Request& request, const Principal& principal);
    Page method(const http::Request& request, const Principal& principal);
    Page change_method(const http::Request& request, const Principal& principal);
    Page recovery_codes(const http::Request& request, const Principal& principal);
    Page make_recovery_codes(const http::Request& request, const Principal& principal);
    Page password(const http::Request& request, const Principal& principal);
    Page change_password(const http::Request& request, const Principal& principal);
    // Where no script runs, these ask what the dialogs ask.
    Page ask_to_remove(const http::Request& request, const Principal& principal);
    Page ask_to_end(const http::Request& request, const Principal& principal);
    Page ask_to_end_others(const http::Request& request, const Principal& principal);
    Page end_session(const http::Request& request, const Principal& principal);
    Page end_other_sessions(const http::Request& request, const Principal& principal);

    http::Response draw_confirm(const http::Request& request, const Principal& principal, const std::string& next,
                                const Error* error) const;
    http::Response draw_method(const http::Request& request, const Principal& principal, const SecondStep& method,
                               const std::string& label, const Error* error) const;
    void show_methods(render::View& page, const http::Request& request, const SecurityView& view) const;
    void show_recovery_codes(render::View& page, const SecurityView& view) const;
    void show_sessions(render::View& page, const http::Request& request, const Principal& principal,
                       const SecurityView& view) const;
    void show_session(render::View& view, const http::Request& request, const OwnSession& session) const;
    void show_events(render::View& page, const http::Request& request, const Principal& principal,
                     const std::vector<audit::AuditEvent>& events) const;
    render::View page_of(const Principal& principal) const;
    std::string label_of(const http::Request& request, const SecondStep& method) const;

    SecurityService& security_;
    RecoveryCodeService& recovery_codes_;
    SignInService& sign_in_;
    SessionService& sessions_;
    const render::PageWriter& writer_;
};

/// The status of a form that is drawn again with its error.
int security_status(const Error& error);
/// Where "confirm it's you" may lead back to: a page below /security, the making of a token; else /security itself.
std::string confirmed_path(std::string_view wanted);
/// Off to "confirm it's you", and back to `next` afterwards.
http::Response ask_to_confirm(std::string_view next);

}  // namespace madoguchi::signin
