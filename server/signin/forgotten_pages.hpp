// The pages of a forgotten password: an ID and a way, the proof, where the reset code went. They look the same for
// every ID until the proof was right (S12).
#pragma once

#include "http/route_table.hpp"
#include "render/page_writer.hpp"
#include "signin/forgotten_service.hpp"

namespace madoguchi::signin {

class ForgottenPages {
public:
    ForgottenPages(ForgottenService& service, const render::PageWriter& writer) : service_(service), writer_(writer) {}
    /// The routes keep a reference to this.
    void add_to(http::RouteTable& routes);

private:
    using Page = Result<http::Response>;

    Page ask(const http::Request& request);
    Page start(const http::Request& request);
    Page proof(const http::Request& request);
    Page prove(const http::Request& request);
    http::Response draw_ask(const http::Request& request, const std::string& login_id, ForgottenWay way,
                            const Error* error) const;
    http::Response draw_proof(const http::Request& request, const Forgotten& claimed, const Error* error) const;

    ForgottenService& service_;
    const render::PageWriter& writer_;
};

/// POST /api/v1/password/forgotten and /prove: the same for programs.
void add_forgotten_api(http::RouteTable& routes, ForgottenService& service);

}  // namespace madoguchi::signin
