using EdgeCoder.Ledger.Trees;

namespace EdgeCoder.Ledger.Tests.Trees;

/// <summary>The reference leaves that implementations of RFC 6962 share, with roots and proofs (economy-and-ledger 21.2).</summary>
internal static class ReferenceTree
{
    /// <summary>Leaves.</summary>
    public static readonly IReadOnlyList<byte[]> Leaves = [.. new[] { "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f" }.Select(Convert.FromHexString)];

    /// <summary>Roots of the sizes 1 to 8.</summary>
    public static readonly IReadOnlyList<string> Roots =
    [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    /// <summary>Inclusion of index 5 in the tree of 7.</summary>
    public static readonly IReadOnlyList<string> Inclusion5Of7 =
    [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];

    /// <summary>Consistency of the tree of 3 with that of 7.</summary>
    public static readonly IReadOnlyList<string> Consistency3To7 =
    [
        "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
        "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e",
    ];

    /// <summary>Root by the definition of RFC 6962 section 2.1, as it stands there: slow, and not the code under test.</summary>
    public static byte[] RootOf(IReadOnlyList<byte[]> leafHashes)
    {
        if (leafHashes.Count == 0)
        {
            return TreeHash.Empty;
        }

        if (leafHashes.Count == 1)
        {
            return leafHashes[0];
        }

        var split = 1;
        while (2 * split < leafHashes.Count)
        {
            split *= 2;
        }

        return TreeHash.Node(RootOf([.. leafHashes.Take(split)]), RootOf([.. leafHashes.Skip(split)]));
    }
}
