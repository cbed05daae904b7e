#include "panel/http.hpp"

#include <gtest/gtest.h>

#include "panel/origin.hpp"
#include "panel/page.hpp"

namespace ferraris::panel {
namespace {

HttpQuestion get(std::string_view target) { return {"GET", target, "127.0.0.1:8080", "", false}; }

TEST(Origin, TakesAddressesAndLocalhostButNoNames) {
    for (const char* own :
         {"127.0.0.1", "127.0.0.1:8080", "localhost", "localhost:1", "[::1]:8080", "192.168.1.5:80"}) {
        EXPECT_TRUE(is_own_host(own)) << own;
    }
    for (const char* foreign :
         {"", "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example",
          "127.0.0.1:", "127.0.0.1:80x", "127.0.0.1:123456", "[::1", "[::1]x", "user@127.0.0.1"}) {
        EXPECT_FALSE(is_own_host(foreign)) << foreign;
    }
}

TEST(Origin, IsThePageThatThisServerGaveOut) {
    EXPECT_TRUE(is_own_origin("http://127.0.0.1:8080", "127.0.0.1:8080"));
    for (const char* foreign : {"null", "http://evil.example", "https://127.0.0.1:8080", "http://127.0.0.1:8081",
                                "http://localhost:8080", "http://127.0.0.1:8080.evil.example"}) {
        EXPECT_FALSE(is_own_origin(foreign, "127.0.0.1:8080")) << foreign;
    }
}

TEST(Http, RefusesOtherHostsAndOrigins) {
    HttpQuestion question = get("/");
    question.host = "evil.example:8080";
    EXPECT_EQ(answer_to(question).status, 421U);
    EXPECT_NE(answer_to(question).complaint, nullptr);
    question = get("/live");
    question.upgrade = true;
    question.origin = "http://evil.example";
    EXPECT_EQ(answer_to(question).status, 403U);
    EXPECT_FALSE(answer_to(question).switch_protocols);
    question.origin = "http://127.0.0.1:8080";
    EXPECT_TRUE(answer_to(question).switch_protocols);
}

TEST(Http, TakesGetAndHeadOnly) {
    HttpQuestion question = get("/");
    for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "BREW", ""}) {
        question.method = method;
        EXPECT_EQ(answer_to(question).status, 405U) << method;
        EXPECT_EQ(answer_to(question).allow, "GET, HEAD");
    }
}

TEST(Http, LiveIsForWebSocket) { EXPECT_EQ(answer_to(get("/live")).status, 426U); }

TEST(Http, GivesOutThePageAndNothingElse) {
    if (page_files().empty()) {
        EXPECT_EQ(answer_to(get("/")).status, 503U);
        GTEST_SKIP() << "this build has no page: node 18 and the npm registry were not there";
    }
    const HttpAnswer index = answer_to(get("/?x=1"));
    EXPECT_EQ(index.status, 200U);
    EXPECT_EQ(index.type, "text/html; charset=utf-8");
    EXPECT_FALSE(index.immutable);
    EXPECT_NE(index.body.find("<script type=\"module\""), std::string_view::npos);
    for (const PageFile& file : page_files()) {
        const HttpAnswer answer = answer_to(get(file.path));
        EXPECT_EQ(answer.body, file.body) << file.path;
        EXPECT_NE(answer.type, "text/plain; charset=utf-8") << file.path;
    }
    for (const char* none : {"/x", "/assets/", "/../etc/passwd", "/assets/../index.html", "", "//", "/%2e%2e/"}) {
        EXPECT_EQ(answer_to(get(none)).status, 404U) << none;
    }
}

}  // namespace
}  // namespace ferraris::panel
