// Where `weir top` has its document from.

import Foundation
import WeirConsole
import WeirCore
import WeirHTTP

/// Used by one thread at a time.
final class StatusSource {
    /// With a slash at the end.
    let url: String
    let credentials: HTTPClient.Credentials
    private let client: HTTPClient

    /// - Parameter credentials: for what stands before the console, which asks for none itself.
    init(_ url: String, _ credentials: HTTPClient.Credentials) {
        self.url = url
        self.credentials = credentials
        var settings = HTTPClient.Settings()
        settings.credentials = credentials
        settings.accepts = "application/json"
        settings.timeout = 3000
        client = HTTPClient(settings)
    }

    /// The console's address with a slash at the end, from that or `host:port`; nil if it is neither.
    static func url(_ text: String) -> String? {
        guard text.contains("://") else {
            return ListenAddress(text).flatMap { $0.port > 0 ? $0.url : nil }
        }
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme ?? ""), url.host()?.isEmpty == false,
            url.query() == nil, url.fragment() == nil
        else { return nil }
        return text.hasSuffix("/") ? text : text + "/"
    }

    /// - Throws: `.unavailable` if nobody answers, or not with a status; `.badData` for a status that is not understood.
    func ask() throws(WeirError) -> StatusDocument {
        let response: HTTPClient.Response
        do throws(HTTPClient.Failure) {
            response = try client.send("GET", url + "status.json")
        } catch {
            throw WeirError(
                .unavailable, "no console answers: \(error.words)",
                advice: "Is a `weir run … --console host:port` running there?")
        }
        if response.status == 401 || response.status == 403 {
            throw WeirError(
                .unavailable, "\(url) lets nobody in without the right credentials: it answers \(response.status)",
                advice:
                    "Set WEIR_CONSOLE_TOKEN, or WEIR_CONSOLE_USER and WEIR_CONSOLE_PASSWORD, or use --credentials FILE."
            )
        }
        guard response.status == 200 else {
            let words = String(decoding: response.body, as: UTF8.self).prefix { !$0.isNewline }
            throw WeirError(
                .unavailable,
                "\(url) answers \(response.status): \(Printable.shortened(Printable.text(String(words)), to: 200))",
                advice: "Is that the address of a console?")
        }
        do {
            return try StatusDocument(reading: Data(response.body))
        } catch {
            throw WeirError(
                .badData, "\(url): \(error)", advice: "Give the address of a console of the same version of Weir.")
        }
    }
}
