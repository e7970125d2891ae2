using System.ComponentModel;
using System.Diagnostics;
using EdgeCoder.Commands;

namespace EdgeCoder.Reviews;

/// <summary>The person's own editor, from <c>VISUAL</c> or <c>EDITOR</c>, on a file that nobody else can read.</summary>
internal sealed class TextEditor(Func<string, string?> environment)
{
    /// <summary>Gives the text as it was saved. Throws <see cref="UsageException"/> when the editor cannot be started or fails.</summary>
    public async Task<string> EditAsync(string text, CancellationToken cancellationToken)
    {
        var words = CommandWords.Split(Named());
        var folder = Directory.CreateTempSubdirectory("edgecoder-edit-");
        try
        {
            var path = Path.Combine(folder.FullName, "change.diff");
            await File.WriteAllTextAsync(path, text, cancellationToken);
            var start = new ProcessStartInfo(words[0]) { UseShellExecute = false };
            foreach (var word in words.Skip(1).Append(path))
            {
                start.ArgumentList.Add(word);
            }

            using var editor = Process.Start(start) ?? throw new UsageException("editor_failed", $"{words[0]} did not start.", "Set EDITOR to your editor.");
            await editor.WaitForExitAsync(cancellationToken);
            return editor.ExitCode == 0 ? await File.ReadAllTextAsync(path, cancellationToken) : throw new UsageException("editor_failed", $"{words[0]} ended with {editor.ExitCode}, so nothing was edited.");
        }
        catch (Win32Exception fault)
        {
            throw new UsageException("editor_failed", $"{words[0]} cannot be started: {fault.Message}", "Set EDITOR to your editor.");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private string Named() =>
        environment("VISUAL") is { Length: > 0 } visual ? visual
        : environment("EDITOR") is { Length: > 0 } editor ? editor
        : OperatingSystem.IsWindows() ? "notepad" : "vi";
}
