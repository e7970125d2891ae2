using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using static EdgeCoder.Agent.Roots.Native.LinuxCalls;

namespace EdgeCoder.Agent.Roots.Native;

/// <summary>A directory by its descriptor: whatever happens to its path meanwhile, operations reach this directory and no other.</summary>
internal sealed class LinuxDirectory : IRootDirectory
{
    private const int EntryHeader = 19; // d_ino, d_off, d_reclen, d_type of struct linux_dirent64
    private const int DirectoryFlagsBase = ReadOnly | CloseOnExec;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly SafeFileHandle _handle;

    private LinuxDirectory(int descriptor) => _handle = new SafeFileHandle(descriptor, ownsHandle: true);

    private static int DirectoryFlags => DirectoryFlagsBase | OnlyDirectory | NoFollow;

    /// <summary>Opens a directory by a real path.</summary>
    public static LinuxDirectory Open(string path) =>
        LinuxCalls.Open(path, DirectoryFlags) is var descriptor and >= 0 ? new(descriptor) : throw Fault("open", path);

    /// <inheritdoc/>
    public EntryState? Look(string name)
    {
        if (LinuxCalls.StateOf(_handle, name, SymlinkNoFollow, out var state) == 0)
        {
            return state.ToEntry();
        }

        return LastError is ErrorNoEntry or ErrorNotDirectory ? null : throw Fault("look at", name);
    }

    /// <inheritdoc/>
    public unsafe string ReadLink(string name)
    {
        Span<byte> buffer = stackalloc byte[4_096];
        fixed (byte* target = buffer)
        {
            var length = ReadLinkAt(_handle, name, target, (nuint)buffer.Length);
            return length >= 0 && length < buffer.Length ? Encoding.UTF8.GetString(buffer[..(int)length]) : throw Fault("read the link", name);
        }
    }

    /// <inheritdoc/>
    public IRootDirectory? OpenDirectory(string name) => Opened(OpenAt(_handle, name, DirectoryFlags, 0));

    /// <inheritdoc/>
    public IRootDirectory? OpenBelow(string path)
    {
        // RESOLVE_BENEATH: nothing outside this directory is ever touched on the way. RESOLVE_NO_SYMLINKS: what opens is where the path says, so the path is
        // the real one; links are followed by ProjectRoot, which sees where they lead.
        var how = new OpenHow { Flags = (ulong)(uint)DirectoryFlags, Resolve = ResolveBeneath | ResolveNoSymlinks | ResolveNoMagicLinks };
        return Opened(OpenBeneath(_handle, path, how));
    }

    /// <inheritdoc/>
    public SafeFileHandle? OpenFile(string name, out EntryState state)
    {
        // What counts is what was opened: a pipe that took the name's place does not hold this up, and is closed unread.
        state = default;
        var descriptor = OpenAt(_handle, name, ReadOnly | NonBlock | NoTerminal | NoFollow | CloseOnExec, 0);
        if (descriptor < 0)
        {
            return LastError is ErrorNoEntry or ErrorNotDirectory or ErrorLoop or ErrorNoDevice ? null : throw Fault("open", name);
        }

        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        state = StateOf(file);
        if (state.Kind == EntryKind.File)
        {
            return file;
        }

        file.Dispose();
        return null;
    }

    /// <summary>What an open file is.</summary>
    public static EntryState StateOf(SafeFileHandle file) => LinuxCalls.StateOf(file, "", EmptyPath, out var state) == 0 ? state.ToEntry() : throw Fault("look at", "an open file");

    /// <inheritdoc/>
    public SafeFileHandle CreateFile(string name, int? mode)
    {
        // A known mode is set exactly, after the creation mask has had its say; nobody else can open the file before that.
        var descriptor = OpenAt(_handle, name, WriteOnly | Create | Exclusive | NoFollow | CloseOnExec, mode is null ? 0b110_110_110u : 0b110_000_000u);
        if (descriptor < 0)
        {
            throw Fault("create", name);
        }

        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        if (mode is { } bits && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, (UnixFileMode)bits);
        }

        return file;
    }

    /// <inheritdoc/>
    public void CreateLink(string name, string target)
    {
        if (LinkAt(target, _handle, name) != 0)
        {
            throw Fault("create the link", name);
        }
    }

    /// <inheritdoc/>
    public void CreateDirectory(string name)
    {
        if (MakeDirectoryAt(_handle, name, 0b111_111_111) != 0 && LastError != ErrorExists)
        {
            throw Fault("create the directory", name);
        }
    }

    /// <inheritdoc/>
    public bool Rename(string name, string newName)
    {
        if (RenameAt(_handle, name, newName, RenameNoReplace) == 0)
        {
            return true;
        }

        return LastError switch
        {
            ErrorExists => false,
            ErrorInvalid or ErrorNoCall => RenameChecked(name, newName), // a file system without the flag
            _ => throw Fault("rename to", newName),
        };
    }

    /// <inheritdoc/>
    public bool Exchange(string name, string other)
    {
        if (RenameAt(_handle, name, other, RenameExchange) == 0)
        {
            return true;
        }

        return LastError is ErrorInvalid or ErrorNoCall or ErrorNoEntry ? false : throw Fault("replace", other);
    }

    /// <inheritdoc/>
    public void RenameOver(string name, string newName)
    {
        if (RenameAt(_handle, name, newName, 0) != 0)
        {
            throw Fault("rename to", newName);
        }
    }

    /// <inheritdoc/>
    public void Delete(string name)
    {
        if (UnlinkAt(_handle, name, 0) != 0)
        {
            throw Fault("delete", name);
        }
    }

    /// <inheritdoc/>
    public void DeleteEmptyDirectory(string name)
    {
        if (UnlinkAt(_handle, name, RemoveDirectory) != 0 && LastError is not (ErrorNotEmpty or ErrorNoEntry))
        {
            throw Fault("delete the directory", name);
        }
    }

    /// <inheritdoc/>
    public unsafe List<DirectoryEntry> Entries()
    {
        // Opened again: the position in a directory belongs to its description, which copies of the descriptor share.
        using var opened = new SafeFileHandle(OpenAt(_handle, ".", DirectoryFlags, 0) is var descriptor and >= 0 ? descriptor : throw Fault("list", "."), ownsHandle: true);
        var entries = new List<DirectoryEntry>();
        var buffer = stackalloc byte[16_384];
        while (true)
        {
            var length = LinuxCalls.Entries(opened, buffer, 16_384);
            if (length <= 0)
            {
                return length == 0 ? entries : throw Fault("list", ".");
            }

            Read(new ReadOnlySpan<byte>(buffer, length), entries);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static int LastError => Marshal.GetLastPInvokeError();

    private static LinuxDirectory? Opened(int descriptor) => descriptor >= 0 ? new(descriptor) : null;

    private bool RenameChecked(string name, string newName)
    {
        if (Look(newName) is not null)
        {
            return false;
        }

        RenameOver(name, newName);
        return true;
    }

    private void Read(ReadOnlySpan<byte> buffer, List<DirectoryEntry> entries)
    {
        for (var at = 0; at < buffer.Length; at += BinaryPrimitives.ReadUInt16LittleEndian(buffer[(at + 16)..]))
        {
            var entry = buffer.Slice(at, BinaryPrimitives.ReadUInt16LittleEndian(buffer[(at + 16)..]));
            var name = entry[EntryHeader..];
            name = name[..name.IndexOf((byte)0)];
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                entries.Add(Entry(name, entry[18]));
            }
        }
    }

    private DirectoryEntry Entry(ReadOnlySpan<byte> bytes, byte type)
    {
        var reachable = System.Text.Unicode.Utf8.IsValid(bytes);
        var name = reachable ? Strict.GetString(bytes) : Escape(bytes);
        var kind = type switch
        {
            8 => EntryKind.File,
            4 => EntryKind.Directory,
            10 => EntryKind.Link,
            0 when reachable && Look(name) is { } state => state.Kind, // a file system that does not tell
            _ => EntryKind.Special,
        };
        return new(name, kind, reachable);
    }

    private static string Escape(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder();
        foreach (var value in name)
        {
            _ = value < 0x80 ? text.Append((char)value) : text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\x{value:X2}");
        }

        return text.ToString();
    }

    private static IOException Fault(string what, string name) => new($"cannot {what} {name}: {Marshal.GetLastPInvokeErrorMessage()}", LastError);
}
