// The pages of signing in: Request -> command -> service -> template. Sentences stand in templates/text/.
#pragma once

#include <functional>

#include "http/route_table.hpp"
#include "render/page_writer.hpp"
#include "signin/sign_in_service.hpp"

namespace madoguchi::signin {

class SignInPages {
public:
    SignInPages(SignInService& service, SessionService& sessions, const gateway::PhoneNumbers& phones,
                const render::PageWriter& writer, std::string issuer)
        : service_(service), sessions_(sessions), phones_(phones), writer_(writer), issuer_(std::move(issuer)) {}
    /// What somebody should know before signing out, filled in by a room above.
    using Note = std::function<void(const http::Request&, const directory::Principal&, render::View&)>;
    /// The routes keep a reference to this.
    void add_to(http::RouteTable& routes, Note before_sign_out);

private:
    using Page = Result<http::Response>;

    Page sign_in(const http::Request& request);
    Page enter_id(const http::Request& request);
    Page password(const http::Request& request);
    Page enter_password(const http::Request& request);
    Page second_step(const http::Request& request);
    Page choose_second_step(const http::Request& request);
    Page confirm_number(const http::Request& request);
    Page authenticator(const http::Request& request);
    Page register_authenticator(const http::Request& request);
    Page passkey(const http::Request& request);
    Page enter_passkey(const http::Request& request);
    Page new_passkey(const http::Request& request);
    Page enter_new_passkey(const http::Request& request);
    Page code(const http::Request& request);
    Page enter_code(const http::Request& request);
    Page code_again(const http::Request& request);
    Page spare_code(const http::Request& request);
    Page enter_spare_code(const http::Request& request);
    Page code_status(const http::Request& request);
    Page methods(const http::Request& request);
    Page choose_method(const http::Request& request);
    Page new_password(const http::Request& request);
    Page enter_new_password(const http::Request& request);
    Page done(const http::Request& request);
    Page sign_out(const http::Request& request);
    Page sign_out_now(const http::Request& request);

    // Draws the page on which the flow stands, or that of `as`; `error` is explained on it.
    http::Response draw(const http::Request& request, const FlowView& view, const Error* error = nullptr,
                        const http::Fields* typed = nullptr, std::optional<FlowState> as = std::nullopt) const;
    // A flow of somebody who is signed in says so, as every other page does.
    void show_who(render::View& page, const http::Request& request, const Flow& flow) const;
    void draw_register(render::View& page, const FlowView& view, const http::Request& request,
                       const http::Fields* typed) const;
    void draw_authenticator(render::View& page, const FlowView& view) const;
    void draw_passkey(render::View& page, const FlowView& view) const;
    void draw_register_passkey(render::View& page, const FlowView& view, const http::Request& request,
                               const http::Fields* typed) const;
    void draw_code(render::View& page, const FlowView& view, const http::Request& request) const;
    void draw_new_password(render::View& page, const FlowView& view, const http::Request& request) const;

    Result<FlowView> flow(const http::Request& request);
    Page show(const http::Request& request, std::initializer_list<FlowState> states);
    // A first sign-in that ends with its second step says so on a page of its own.
    http::Response go_on_after_registration(const Stepped& stepped) const;
    // Where a finished step leads: cookies set, on to the next page.
    http::Response go_on(const Stepped& stepped) const;
    // A refused form: the same page with the reason, or an error page where the flow has gone on without it.
    Page refuse(const http::Request& request, const Error& error, const http::Fields* typed = nullptr);
    Page refuse_spare_code(const http::Request& request, const Error& error);
    // Somebody who registers a second step may look at the choice again from any step of the registration.
    static std::optional<FlowState> choice_of(const FlowView& view);
    // `name`: a number, as far as it may be shown; a passkey's name.
    std::string method_label(const http::Request& request, MethodKind kind, const std::string& name) const;

    SignInService& service_;
    SessionService& sessions_;
    const gateway::PhoneNumbers& phones_;
    const render::PageWriter& writer_;
    std::string issuer_;
    Note before_sign_out_;
};

}  // namespace madoguchi::signin
