#include "decode/conversation.hpp"

#include <algorithm>

namespace ferraris::decode {
namespace {

/// Hostile input may introduce any number of titles.
constexpr std::size_t kMostTitles = 8;

void add(std::vector<SystemTitle>& titles, ByteView octets) {
    SystemTitle title{};
    if (octets.size() != title.size()) return;
    std::ranges::copy(octets, title.begin());
    if (std::ranges::find(titles, title) == titles.end()) titles.push_back(title);
}

}  // namespace

void KeyRing::add_title(ByteView title) { add(titles, title); }

void Conversation::add_title(ByteView title) {
    add(titles, title);
    if (titles.size() > kMostTitles) titles.erase(titles.begin());
}

}  // namespace ferraris::decode
