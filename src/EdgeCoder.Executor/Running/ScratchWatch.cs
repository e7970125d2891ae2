namespace EdgeCoder.Executor.Running;

/// <summary>
/// Looks from outside what a program has put into its scratch directory, where the kernel cannot limit it: without namespaces there is no file system of its
/// own. The program can be ahead of it by what it writes within one interval.
/// </summary>
internal sealed class ScratchWatch(string directory)
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = true, ReturnSpecialDirectories = false };

    /// <summary>Whether there are more files or bytes than a program may have. Links are not followed.</summary>
    public bool Exceeds()
    {
        try
        {
            var (files, bytes) = (0, 0L);
            foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos("*", Everything))
            {
                files++;
                bytes += entry is FileInfo { LinkTarget: null } file ? file.Length : 0;
                if (files > LimitPlan.ScratchFiles || bytes > LimitPlan.ScratchBytes)
                {
                    return true;
                }
            }
        }
        catch (IOException)
        {
            // What is being deleted while it is looked at takes no room.
        }

        return false;
    }
}
