using SelfHeal.Sidecar.Config;

namespace SelfHeal.UnitTests.Sidecar.Config;

internal sealed class ListenAddressTests
{
    [TestCase("127.0.0.1:18000", true)]
    [TestCase("[::1]:18000", true)]
    [TestCase("unix:/run/selfheal.sock", true)]
    [TestCase("0.0.0.0:0", false)]
    [TestCase("[::]:65535", false)]
    [TestCase("10.1.2.3:80", false)]
    public void TryParse_Address_IsReadAndWrittenBack(string text, bool isLocal)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ListenAddress.TryParse(text, out var address), Is.True);
            Assert.That(address?.ToString(), Is.EqualTo(text));
            Assert.That(address?.IsLocal, Is.EqualTo(isLocal));
        }
    }

    [TestCase("")]
    [TestCase("18000")]
    [TestCase(":18000")]
    [TestCase("localhost:18000")]
    [TestCase("127.0.0.1")]
    [TestCase("127.0.0.1:")]
    [TestCase("127.0.0.1:65536")]
    [TestCase("127.0.0.1:+1")]
    [TestCase("::1")]
    [TestCase("::1:18000")]
    [TestCase("[::1]")]
    [TestCase("unix:")]
    public void TryParse_SomethingElse_IsRefused(string text) =>
        Assert.That(ListenAddress.TryParse(text, out _), Is.False);

    [Test]
    public void TryParse_UnixPathLongerThanTheKernelTakes_IsRefused() =>
        Assert.That(ListenAddress.TryParse("unix:/" + new string('x', 107), out _), Is.False);
}
