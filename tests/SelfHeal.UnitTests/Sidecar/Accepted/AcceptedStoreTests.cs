using System.Collections.Immutable;
using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using SelfHeal.Sidecar.Accepted;
using SelfHeal.Sidecar.Config;
using SelfHeal.UnitTests.Xds;
using SelfHeal.Xds.Accepted;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Resources;

namespace SelfHeal.UnitTests.Sidecar.Accepted;

internal sealed class AcceptedStoreTests
{
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);

    private string _root = null!; // Set before each test.
    private FaultyStateFiles _files = null!; // Set before each test.
    private LogRecorder _logs = null!; // Set before each test.
    private TestMeters _meters = null!; // Set before each test.

    [SetUp]
    public void Begin()
    {
        _root = Directory.CreateTempSubdirectory("selfheal-accepted-").FullName;
        (_files, _logs, _meters) = (new FaultyStateFiles(), new LogRecorder(), new TestMeters());
    }

    [TearDown]
    public void End()
    {
        _meters.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Test]
    public void Load_WhatWasSaved_IsThereForEachGroupAndKind()
    {
        var store = Open();
        store.TrySave(StateKind.Accepted, State("default", 1));
        store.TrySave(StateKind.Accepted, State("edge/node-1", 2));
        store.TrySave(StateKind.Verified, State("default", 3));
        store.TrySave(Quarantine.Empty.Add(
            new QuarantinedContent("default", TypeUrl.Cluster, "c", "h", "s", "n", "words", At)));

        var kept = Open().Load();

        Assert.That(kept.Accepted.Keys, Is.EqualTo(new[] { "default", "edge/node-1" }));
        Assert.That(HashOf(kept.Accepted["edge/node-1"]), Is.EqualTo(Hash(2)));
        Assert.That(HashOf(kept.Verified["default"]), Is.EqualTo(Hash(3)));
        Assert.That(kept.Quarantine.Entries.Single().Name, Is.EqualTo("c"));
    }

    [Test]
    public void ReadUpstream_WhatWasSavedForANode_IsThereUntilItIsForgotten()
    {
        var resource = new UpstreamResource(XdsResource.FromBytes(TypeUrl.Cluster, "c", [1, 2]), "7");
        var contents = new UpstreamContents(
            ImmutableSortedDictionary.Create<string, UpstreamTypeContents>(TypeUrl.Comparer)
                .Add(TypeUrl.Cluster, new UpstreamTypeContents("v", [resource])));
        Open().TrySave("node~1", At, contents);
        var store = Open();
        store.Load();

        var read = store.ReadUpstream("node~1")?.Types[TypeUrl.Cluster];

        Assert.That((read?.Version, read?.Resources.Single().Version), Is.EqualTo(("v", "7")));
        Assert.That(store.ReadUpstream("node~2"), Is.Null);
        store.ForgetUpstream("node~1");
        Assert.That(store.ReadUpstream("node~1"), Is.Null);
        var next = Open();
        next.Load();
        Assert.That(next.ReadUpstream("node~1"), Is.Null, "nor after a start");
    }

    [Test]
    public void TrySave_OverAndOver_KeepsFourGenerations()
    {
        var store = Open();
        for (var knob = 1; knob <= 7; knob++)
            Assert.That(store.TrySave(StateKind.Accepted, State("default", knob)), Is.EqualTo(knob));

        var reopened = Open();
        var kept = reopened.Load();

        Assert.That(Files(), Has.Count.EqualTo(4));
        Assert.That(reopened.GenerationsOf("default"), Is.EqualTo(4));
        Assert.That(kept.Accepted["default"].Generation, Is.EqualTo(7));
        Assert.That(reopened.TrySave(StateKind.Accepted, State("default", 8)), Is.EqualTo(8));
    }

    [TestCase("flipped")]
    [TestCase("cut")]
    [TestCase("empty")]
    [TestCase("foreign")]
    public void Load_NewestIsDamaged_UsesTheOneBeforeAndSaysSo(string damage)
    {
        var store = Open();
        store.TrySave(StateKind.Accepted, State("default", 1));
        store.TrySave(StateKind.Accepted, State("default", 2));
        var newest = Files()[^1];
        var bytes = File.ReadAllBytes(newest);
        if (damage == "flipped")
            bytes[bytes.Length / 2] ^= 1;
        else if (damage == "foreign")
            bytes[9] = 99;
        File.WriteAllBytes(newest, damage switch { "cut" => bytes[..^10], "empty" => [], _ => bytes });

        var reopened = Open();
        var kept = reopened.Load();

        Assert.That(HashOf(kept.Accepted["default"]), Is.EqualTo(Hash(1)));
        Assert.That(_logs.Texts(2302), Has.Count.EqualTo(1));
        Assert.That(reopened.TrySave(StateKind.Accepted, State("default", 3)), Is.EqualTo(3), "never a number twice");
        Assert.That(HashOf(Open().Load().Accepted["default"]), Is.EqualTo(Hash(3)));
    }

    [Test]
    public void Load_KilledAtAnyStepOfAWrite_HasTheFileBeforeOrTheNewOneWhole()
    {
        // Five steps to write a file and one for each that is too many.
        for (var step = 0; step < 8; step++)
        {
            Directory.Delete(_root, recursive: true);
            Directory.CreateDirectory(_root);
            _files = new FaultyStateFiles();
            var store = Open();
            for (var knob = 1; knob <= 4; knob++)
                store.TrySave(StateKind.Accepted, State("default", knob));
            _files.StepsLeft = step;
            var isKilled = false;
            try
            {
                store.TrySave(StateKind.Accepted, State("default", 5));
            }
            catch (FaultyStateFiles.KilledException)
            {
                isKilled = true;
            }

            _files = new FaultyStateFiles();
            var reopened = Open();
            var kept = reopened.Load();

            var found = HashOf(kept.Accepted["default"]);
            Assert.That(found, Is.AnyOf(Hash(4), Hash(5)), $"killed at step {step}");
            if (!isKilled)
                Assert.That(found, Is.EqualTo(Hash(5)));
            Assert.That(Files(), Has.None.EndsWith(StateFileName.Unfinished));
            Assert.That(_logs.Texts(2302), Is.Empty, "no half file ever takes the place of a whole one");
            Assert.That(reopened.TrySave(StateKind.Accepted, State("default", 6)), Is.Not.Null);
            Assert.That(HashOf(Open().Load().Accepted["default"]), Is.EqualTo(Hash(6)));
        }
    }

    [Test]
    public void TrySave_DiskIsFull_IsToldOnceAndLeavesTheOldFilesAndRecovers()
    {
        var store = Open();
        store.TrySave(StateKind.Accepted, State("default", 1));
        _files.Full = new IOException("no space left on device");

        var first = store.TrySave(StateKind.Accepted, State("default", 2));
        var second = store.TrySave(StateKind.Accepted, State("default", 2));
        var problem = store.Problem;
        _files.Full = null;
        var third = store.TrySave(StateKind.Accepted, State("default", 2));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((first, second, third), Is.EqualTo(((ulong?)null, (ulong?)null, (ulong?)2)));
            Assert.That(problem, Is.EqualTo("no space left on device"));
            Assert.That(_logs.Texts(2304), Has.Count.EqualTo(1));
            Assert.That(_logs.Texts(2305), Has.Count.EqualTo(1));
            Assert.That(store.Problem, Is.Empty);
            Assert.That(Files(), Has.Count.EqualTo(2));
        }
    }

    [Test]
    public void TrySave_Files_AreForTheirOwnerOnly()
    {
        Open().TrySave(StateKind.Accepted, State("default", 1));

        Assert.That(
            File.GetUnixFileMode(Files().Single()), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(
            File.GetUnixFileMode(Path.Combine(_root, "accepted")),
            Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [Test]
    public void TrySave_Secret_IsInNoFileAndLoadingSaysSo()
    {
        const string key = "a-private-key-that-nobody-may-see";
        var secret = XdsResource.FromMessage(new Secret
        {
            Name = "tls",
            TlsCertificate = new TlsCertificate { PrivateKey = new DataSource { InlineString = key } },
        });
        var state = State("default", 1);
        Open().TrySave(StateKind.Accepted, state with
        {
            Types = state.Types.Add(TypeUrl.Secret, [AcceptedResource.Of(secret, null)]),
        });

        var kept = Open().Load();

        Assert.That(Files().Select(File.ReadAllBytes).Select(Encoding.Latin1.GetString), Has.None.Contains(key));
        var withheld = kept.Accepted["default"].State.Types[TypeUrl.Secret].Single();
        Assert.That(withheld.ContentHash, Is.EqualTo(secret.ContentHash));
        Assert.That(_logs.Texts(2306), Has.Count.EqualTo(1));
    }

    private AcceptedStore Open() => new(
        new StateOptions { Directory = _root }, _files, _meters, _logs.Create<AcceptedStore>());

    private List<string> Files() =>
        [.. Directory.EnumerateFiles(Path.Combine(_root, "accepted")).Order(StringComparer.Ordinal)];

    private static string HashOf(KeptGroup kept) => kept.State.Types[TypeUrl.Cluster].Single().ContentHash;

    private static string Hash(int knob) => TestResources.Cluster("a", knob).ContentHash;

    private static AcceptedState State(string group, int knob) => new(
        group,
        At,
        At,
        ImmutableSortedDictionary.Create<string, ImmutableArray<AcceptedResource>>(TypeUrl.Comparer).Add(
            TypeUrl.Cluster, [AcceptedResource.Of(TestResources.Cluster("a", knob), null)]));
}
