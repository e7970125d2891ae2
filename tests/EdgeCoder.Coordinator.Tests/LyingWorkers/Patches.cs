namespace EdgeCoder.Coordinator.Tests.LyingWorkers;

/// <summary>Patches as git writes them, made of whole files.</summary>
internal static class Patches
{
    public static string Edit(string path, string before, string after) =>
        $"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,{Count(before)} +1,{Count(after)} @@\n{Lines('-', before)}{Lines('+', after)}";

    public static string Delete(string path, string before) =>
        $"diff --git a/{path} b/{path}\ndeleted file mode 100644\n--- a/{path}\n+++ /dev/null\n@@ -1,{Count(before)} +0,0 @@\n{Lines('-', before)}";

    public static string Add(string path, string after) =>
        $"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{Count(after)} @@\n{Lines('+', after)}";

    private static int Count(string text) => text.Count(c => c == '\n');

    private static string Lines(char sign, string text) => string.Concat(text.Split('\n')[..^1].Select(line => $"{sign}{line}\n"));
}
