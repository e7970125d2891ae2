using EdgeCoder.Portal.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Accounts;

/// <summary>A link of a mail that opens a page with one button: opening it changes nothing, so no scanner of mails uses it up.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Heading">Title of the page.</param>
/// <param name="Sentence">What the button does.</param>
/// <param name="Button">What it says.</param>
/// <param name="Done">Word of what was done.</param>
/// <param name="Follow">Does it.</param>
internal sealed record LinkPurpose(string Path, string Heading, string Sentence, string Button, string Done, Func<IServiceProvider, string, Visitor, CancellationToken, Task> Follow)
{
    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<LinkPurpose> All =
    [
        new("/auth/confirm-email", "Confirm your new address", "One press, and your account has this address. You sign in with it from then on.", "Confirm", "email-changed",
            (services, token, _, cancellation) => services.GetRequiredService<EmailChange>().ConfirmAsync(token, cancellation)),
        new("/auth/undo-email", "Keep your address", "One press, and your account has its former address again. Everybody is signed out, and a link to set a new password comes by mail.", "Keep it", "email-restored",
            (services, token, visitor, cancellation) => services.GetRequiredService<EmailChange>().UndoAsync(token, visitor, cancellation)),
        new("/auth/undo-delete", "Keep your account", "One press, and your account is not deleted.", "Keep it", "kept",
            (services, token, _, cancellation) => services.GetRequiredService<AccountRemoval>().UndoAsync(token, cancellation)),
    ];
}
