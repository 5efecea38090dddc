// A look at one dead letter, in a dialog, as `weir dlq show` writes it.

/// Opens on the event `weir-letter`, whose detail is the dead letter's number.
export function letters(dialog, title, text, close) {
    close.addEventListener("click", () => dialog.close());
    addEventListener("weir-letter", async (event) => {
        const id = event.detail;
        title.textContent = `Dead letter ${id}`;
        text.textContent = "Asking PostgreSQL …";
        if (!dialog.open) dialog.showModal();
        let words;
        try {
            const answer = await fetch(`dead-letters/${encodeURIComponent(id)}`);
            const isOurs = (answer.headers.get("content-type") ?? "").startsWith("application/json");
            const body = isOurs ? await answer.json() : { problem: await answer.text() };
            words = body.text ?? `It cannot be shown: ${body.problem}`;
        } catch {
            words = "It cannot be shown: the process does not answer.";
        }
        text.textContent = words;
    });
}

export const open = (id) => dispatchEvent(new CustomEvent("weir-letter", { detail: id }));
