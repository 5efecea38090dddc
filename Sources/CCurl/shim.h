#include <curl/curl.h>

/* curl_easy_setopt and curl_easy_getinfo take a variable number of arguments, which Swift cannot call. */

/* Macros with casts, which Swift does not see. */
static const long weir_curl_auth_basic = CURLAUTH_BASIC;
static const long weir_curl_auth_bearer = CURLAUTH_BEARER;

typedef size_t (*weir_curl_write)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode weir_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode weir_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode weir_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode weir_curl_set_context(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode weir_curl_set_write(CURL *handle, weir_curl_write function) {
    return curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, function);
}

static inline long weir_curl_status(CURL *handle) {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

/* Seconds that the server asks to wait; 0 if it does not. */
static inline long weir_curl_retry_after(CURL *handle) {
    curl_off_t seconds = 0;
    curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &seconds);
    return (long)seconds;
}
