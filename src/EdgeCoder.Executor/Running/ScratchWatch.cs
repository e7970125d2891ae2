using System.IO.Enumeration;

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

    // Size of what counts: a link weighs nothing, whatever it points to, and is never gone through.
    private FileSystemEnumerable<long> Sizes() => new(directory, (ref entry) => IsLink(ref entry) || entry.IsDirectory ? 0 : entry.Length, Everything)
    {
        ShouldRecursePredicate = (ref entry) => !IsLink(ref entry),
    };

    /// <summary>Whether there are more files or bytes than a program may have. Links are not followed.</summary>
    public bool Exceeds()
    {
        try
        {
            var (files, bytes) = (0, 0L);
            foreach (var size in Sizes())
            {
                files++;
                bytes += size;
                if (files > LimitPlan.ScratchFiles || bytes > LimitPlan.ScratchBytes)
                {
                    return true;
                }
            }
        }
        catch (PathTooLongException)
        {
            return true;
        }
        catch (IOException)
        {
            // What is being deleted while it is looked at takes no room.
        }

        return false;
    }

    private static bool IsLink(ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) != 0;
}
