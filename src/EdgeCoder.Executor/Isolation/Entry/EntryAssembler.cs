using System.Buffers.Binary;
using System.Text;
using EdgeCoder.Executor.Isolation.Seccomp;

namespace EdgeCoder.Executor.Isolation.Entry;

/// <summary>
/// Writes a static ELF program that is nothing but a list of system calls with constant arguments; the first that fails ends it with
/// exit code <see cref="FirstFailureCode"/> + its position. Everything it points to (paths, argument vectors, the filter) is data in the same image.
/// </summary>
internal sealed class EntryAssembler(MachineArchitecture architecture)
{
    /// <summary>Exit code of the program when its first call fails; the second adds one, and so on.</summary>
    public const int FirstFailureCode = 160;

    private const ulong BaseAddress = 0x400000;
    private const int HeaderBytes = 64 + 56;
    private const int CodeBytes = 0x2000;

    private readonly MemoryStream code = new();
    private readonly MemoryStream data = new();
    private int calls;

    /// <summary>Puts bytes into the data, 8-byte aligned, and gives the address they will have.</summary>
    public ulong Data(ReadOnlySpan<byte> bytes)
    {
        while (data.Length % 8 != 0)
        {
            data.WriteByte(0);
        }

        var address = BaseAddress + CodeBytes + (ulong)data.Length;
        data.Write(bytes);
        return address;
    }

    /// <summary>Puts a zero-terminated string into the data.</summary>
    public ulong Text(string text) => Data([.. Encoding.UTF8.GetBytes(text), 0]);

    /// <summary>Puts 64-bit words into the data.</summary>
    public ulong Words(params ReadOnlySpan<ulong> words)
    {
        var bytes = new byte[words.Length * 8];
        for (var i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * 8), words[i]);
        }

        return Data(bytes);
    }

    /// <summary>Puts a null-terminated vector of strings into the data, as execve wants it.</summary>
    public ulong Vector(IEnumerable<string> texts) => Words([.. texts.Select(Text), 0]);

    /// <summary>Adds a call. A null first argument means: the result of the call before.</summary>
    /// <param name="name">System call.</param>
    /// <param name="mayFail">Whether the program goes on when the call fails.</param>
    /// <param name="arguments">Up to six.</param>
    public void Call(string name, bool mayFail, params ReadOnlySpan<ulong?> arguments)
    {
        var number = SyscallTable.Number(name, architecture) ?? throw new ArgumentException($"No {name} on {architecture}.", nameof(name));
        var failure = FirstFailureCode + calls++;
        if (architecture == MachineArchitecture.X64)
        {
            CallX64((uint)number, mayFail, failure, arguments);
        }
        else
        {
            CallArm64((uint)number, mayFail, failure, arguments);
        }
    }

    /// <summary>The finished image.</summary>
    public byte[] Build()
    {
        if (HeaderBytes + code.Length > CodeBytes)
        {
            throw new InvalidOperationException("The entry program is longer than its code area.");
        }

        var image = new byte[CodeBytes + data.Length];
        WriteHeaders(image);
        code.ToArray().CopyTo(image, HeaderBytes);
        data.ToArray().CopyTo(image, CodeBytes);
        return image;
    }

    // System V AMD64 ABI, appendix A.2: number in rax, arguments in rdi rsi rdx r10 r8 r9, result in rax.
    private void CallX64(uint number, bool mayFail, int failure, ReadOnlySpan<ulong?> arguments)
    {
        ReadOnlySpan<ushort> moves = [0x48BF, 0x48BE, 0x48BA, 0x49BA, 0x49B8, 0x49B9]; // mov r64, imm64
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is { } value)
            {
                code.Write([(byte)(moves[i] >> 8), (byte)moves[i]]);
                Immediate(value, 8);
            }
            else
            {
                code.Write([0x48, 0x89, 0xC7]); // mov rdi, rax
            }
        }

        code.WriteByte(0xB8); // mov eax, imm32
        Immediate(number, 4);
        code.Write([0x0F, 0x05]); // syscall
        if (mayFail)
        {
            return;
        }

        code.Write([0x48, 0x85, 0xC0, 0x79, 0x0C]); // test rax, rax; jns over the next 12 bytes
        code.WriteByte(0xBF); // mov edi, failure
        Immediate((uint)failure, 4);
        code.WriteByte(0xB8); // mov eax, exit_group
        Immediate((uint)SyscallTable.Number("exit_group", architecture)!, 4);
        code.Write([0x0F, 0x05]);
    }

    // AAPCS64 Linux: number in x8, arguments in x0 to x5, result in x0.
    private void CallArm64(uint number, bool mayFail, int failure, ReadOnlySpan<ulong?> arguments)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is { } value)
            {
                MoveArm64(i, value, halves: 4);
            }
        }

        MoveArm64(8, number, halves: 1);
        Immediate(0xD4000001, 4); // svc #0
        if (mayFail)
        {
            return;
        }

        Immediate(0xB6F80000 | (4 << 5), 4); // tbz x0, #63, four instructions on
        MoveArm64(0, (uint)failure, halves: 1);
        MoveArm64(8, (uint)SyscallTable.Number("exit_group", architecture)!, halves: 1);
        Immediate(0xD4000001, 4);
    }

    private void MoveArm64(int register, ulong value, int halves)
    {
        for (var i = 0; i < halves; i++)
        {
            var operation = i == 0 ? 0xD2800000u : 0xF2800000u; // movz, movk
            Immediate(operation | ((uint)i << 21) | (((uint)(value >> (16 * i)) & 0xFFFF) << 5) | (uint)register, 4);
        }
    }

    private void Immediate(ulong value, int bytes)
    {
        for (var i = 0; i < bytes; i++)
        {
            code.WriteByte((byte)(value >> (8 * i)));
        }
    }

    // ELF-64 object file format: file header (64 bytes), then one PT_LOAD program header (56 bytes) that maps the whole file read and execute.
    private void WriteHeaders(Span<byte> image)
    {
        ReadOnlySpan<byte> identity = [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        identity.CopyTo(image);
        BinaryPrimitives.WriteUInt16LittleEndian(image[16..], 2); // ET_EXEC
        BinaryPrimitives.WriteUInt16LittleEndian(image[18..], architecture == MachineArchitecture.X64 ? (ushort)62 : (ushort)183);
        BinaryPrimitives.WriteUInt32LittleEndian(image[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(image[24..], BaseAddress + HeaderBytes); // entry
        BinaryPrimitives.WriteUInt64LittleEndian(image[32..], 64); // program headers
        BinaryPrimitives.WriteUInt16LittleEndian(image[52..], 64);
        BinaryPrimitives.WriteUInt16LittleEndian(image[54..], 56);
        BinaryPrimitives.WriteUInt16LittleEndian(image[56..], 1);

        var header = image[64..];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 1); // PT_LOAD
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], 5); // read, execute
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], BaseAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], BaseAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], (ulong)image.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(header[40..], (ulong)image.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(header[48..], 0x1000);
    }
}
