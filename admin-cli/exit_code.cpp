#include "admin-cli/exit_code.hpp"

namespace madoguchi::admin_cli {

ExitCode exit_code_for_status(int http_status) {
    switch (http_status) {
        case 400:
        case 413:
        case 415:
        case 422:
            return ExitCode::invalid_input;
        case 401:
            return ExitCode::not_signed_in;
        case 403:
        case 404:
            return ExitCode::forbidden;
        case 409:
        case 412:
        case 428:
            return ExitCode::conflict;
        case 429:
        case 502:  // what nginx says while the server restarts
        case 503:
        case 504:
            return ExitCode::unavailable;
        default:
            return http_status >= 200 && http_status < 300 ? ExitCode::ok : ExitCode::failed;
    }
}

}  // namespace madoguchi::admin_cli
