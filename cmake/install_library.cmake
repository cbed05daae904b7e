# `cmake --install` for programs that use the DLMS stack: ferraris::dlms, ferraris::crypto (OpenSSL behind it) and
# ferraris::base, their headers as <ferraris/dlms/…>, and the package that find_package(ferraris) finds.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(FERRARIS_PUBLIC_ROOMS base crypto_contract crypto dlms)
set(FERRARIS_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/ferraris)

foreach(room IN LISTS FERRARIS_PUBLIC_ROOMS)
  set_target_properties(ferraris_${room} PROPERTIES EXPORT_NAME ${room})
  install(TARGETS ferraris_${room} EXPORT ferraris-targets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endforeach()

# Inside the tree a header says "dlms/data.hpp". Installed it says "ferraris/dlms/data.hpp", so that a folder of the
# same name in another project is never taken for ours.
file(GLOB_RECURSE public_headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/src
  ${PROJECT_SOURCE_DIR}/src/base/*.hpp ${PROJECT_SOURCE_DIR}/src/crypto/*.hpp ${PROJECT_SOURCE_DIR}/src/dlms/*.hpp)
set(rewritten_headers ${PROJECT_BINARY_DIR}/rewritten_headers)
install(CODE "
  file(REMOVE_RECURSE \"${rewritten_headers}\")
  foreach(header IN ITEMS ${public_headers})
    file(READ \"${PROJECT_SOURCE_DIR}/src/\${header}\" text)
    string(REGEX REPLACE \"#include \\\"(base|crypto|dlms)/\" \"#include \\\"ferraris/\\\\1/\" text \"\${text}\")
    file(WRITE \"${rewritten_headers}/\${header}\" \"\${text}\")
  endforeach()
" COMPONENT library)
install(DIRECTORY ${rewritten_headers}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ferraris COMPONENT library)

install(EXPORT ferraris-targets NAMESPACE ferraris:: DESTINATION ${FERRARIS_PACKAGE_DIR} COMPONENT library)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/ferraris-config.cmake.in
  ${PROJECT_BINARY_DIR}/ferraris-config.cmake INSTALL_DESTINATION ${FERRARIS_PACKAGE_DIR})
# Before 1.0 any minor version may change what a program relies on.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ferraris-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ferraris-config.cmake ${PROJECT_BINARY_DIR}/ferraris-config-version.cmake
  DESTINATION ${FERRARIS_PACKAGE_DIR} COMPONENT library)
install(TARGETS ferraris RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
# The program looks for models beside itself and above.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/data/quirks DESTINATION ${CMAKE_INSTALL_DATADIR}/ferraris COMPONENT program)
