#include "panel/http.hpp"

#include <algorithm>
#include <array>

#include "panel/origin.hpp"
#include "panel/page.hpp"

namespace ferraris::panel {
namespace {

struct Type {
    std::string_view ending;
    std::string_view type;
};
constexpr std::array kTypes{
    Type{".html", "text/html; charset=utf-8"}, Type{".js", "text/javascript; charset=utf-8"},
    Type{".css", "text/css; charset=utf-8"},   Type{".svg", "image/svg+xml"},
    Type{".json", "application/json"},
};

constexpr std::string_view kNoPage =
    "The front panel was not built into this program: its build needs node 18 and the npm registry. Run `make run` "
    "again "
    "where they can be had.\n";

HttpAnswer refused(unsigned status, std::string_view body, const char* complaint) {
    HttpAnswer answer;
    answer.status = status;
    answer.body = body;
    answer.complaint = complaint;
    return answer;
}

}  // namespace

HttpAnswer answer_to(const HttpQuestion& question) {
    if (!is_own_host(question.host)) {
        return refused(421, "This server answers to its IP address or to localhost.\n",
                       "refused: a host that is not ours");
    }
    if (!question.origin.empty() && !is_own_origin(question.origin, question.host)) {
        return refused(403, "Pages of other origins get nothing here.\n", "refused: a page of another origin");
    }
    if (question.method != "GET" && question.method != "HEAD") {
        HttpAnswer answer = refused(405, "Only GET and HEAD.\n", "refused: a method other than GET and HEAD");
        answer.allow = "GET, HEAD";
        return answer;
    }
    const std::string_view path = question.target.substr(0, question.target.find('?'));
    HttpAnswer answer;
    if (path == kLiveTarget) {
        if (!question.upgrade) return refused(426, "This is for WebSocket.\n", nullptr);
        answer.switch_protocols = true;
        return answer;
    }
    if (page_files().empty()) return refused(503, kNoPage, nullptr);
    const std::string_view wanted = path == "/" ? "/index.html" : path;
    const auto files = page_files();
    const auto found = std::ranges::find(files, wanted, &PageFile::path);
    if (found == files.end()) return refused(404, "There is no such page.\n", nullptr);
    answer.body = found->body;
    answer.immutable = wanted.starts_with("/assets/");
    for (const Type& type : kTypes) {
        if (wanted.ends_with(type.ending)) answer.type = type.type;
    }
    return answer;
}

}  // namespace ferraris::panel
