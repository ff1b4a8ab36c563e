/*
 * The floor that attaching a pod can be measured against: exactly the netlink messages of one macvlan with a veth pair
 * beside it, one after another, with nothing around them: no plugin, no IPAM, no JSON, no sysctl.
 *
 *   floor add|del NETNS MASTER HOST_END POD_IP NODE_IP GATEWAY
 *
 * Prints the nanoseconds from opening the namespace to the last acknowledgement. Any message that the kernel refuses is fatal.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PREFIX_LENGTH 16
#define MTU 1500

/* One request, built in place: header, fixed part, attributes. */
static union {
	struct nlmsghdr header;
	char bytes[4096];
} message;

static char answer[16384];
static unsigned sequence;

static void die(const char *what, int error)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(error));
	exit(1);
}

static int open_socket(int netns, int own)
{
	if (setns(netns, CLONE_NEWNET) < 0)
		die("setns", errno);
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		die("socket", errno);
	if (setns(own, CLONE_NEWNET) < 0)
		die("setns back", errno);
	return fd;
}

static void *begin(int type, int flags, size_t fixed)
{
	memset(&message, 0, NLMSG_SPACE(fixed));
	message.header.nlmsg_len = NLMSG_LENGTH(fixed);
	message.header.nlmsg_type = type;
	message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	message.header.nlmsg_seq = ++sequence;
	return NLMSG_DATA(&message.header);
}

static void *end_of_message(void)
{
	return message.bytes + NLMSG_ALIGN(message.header.nlmsg_len);
}

static void put(int type, const void *data, size_t length)
{
	struct rtattr *attribute = end_of_message();
	attribute->rta_type = type;
	attribute->rta_len = RTA_LENGTH(length);
	if (length > 0)
		memcpy(RTA_DATA(attribute), data, length);
	message.header.nlmsg_len = NLMSG_ALIGN(message.header.nlmsg_len) + RTA_SPACE(length);
}

static void put_u32(int type, unsigned value)
{
	put(type, &value, sizeof value);
}

static void put_text(int type, const char *text)
{
	put(type, text, strlen(text) + 1);
}

static void put_ip(int type, const char *text)
{
	struct in_addr address;
	if (inet_pton(AF_INET, text, &address) != 1)
		die(text, EINVAL);
	put(type, &address, sizeof address);
}

static struct rtattr *open_nest(int type)
{
	struct rtattr *nest = end_of_message();
	put(type, NULL, 0);
	return nest;
}

static void close_nest(struct rtattr *nest)
{
	nest->rta_len = (char *)end_of_message() - (char *)nest;
}

/* Sends the message, waits for its acknowledgement. Returns the answer before it, or NULL. */
static struct nlmsghdr *transact(int fd, const char *what, int tolerated)
{
	struct nlmsghdr *found = NULL;
	if (send(fd, &message, message.header.nlmsg_len, 0) < 0)
		die(what, errno);
	for (char *to = answer;;) {
		ssize_t length = recv(fd, to, sizeof answer - (to - answer), 0);
		if (length < 0)
			die(what, errno);
		char *end = to + length;
		for (struct nlmsghdr *header = (void *)to; (char *)header < end;
		     header = (void *)((char *)header + NLMSG_ALIGN(header->nlmsg_len))) {
			if (header->nlmsg_seq != sequence)
				continue;
			if (header->nlmsg_type != NLMSG_ERROR) {
				found = header;
				continue;
			}
			int error = -((struct nlmsgerr *)NLMSG_DATA(header))->error;
			if (error != 0 && error != tolerated)
				die(what, error);
			return found;
		}
		to = end;
	}
}

static int find_link(int fd, const char *name)
{
	begin(RTM_GETLINK, 0, sizeof(struct ifinfomsg));
	put_text(IFLA_IFNAME, name);
	put_u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	struct nlmsghdr *header = transact(fd, name, 0);
	return header == NULL ? 0 : ((struct ifinfomsg *)NLMSG_DATA(header))->ifi_index;
}

static int get_nsid(int fd, int netns)
{
	begin(RTM_GETNSID, 0, sizeof(struct rtgenmsg));
	put_u32(NETNSA_FD, netns);
	struct nlmsghdr *header = transact(fd, "get nsid", 0);
	struct rtattr *attribute = (void *)((char *)NLMSG_DATA(header) + NLMSG_ALIGN(sizeof(struct rtgenmsg)));
	for (int left = (char *)header + header->nlmsg_len - (char *)attribute; RTA_OK(attribute, left);
	     attribute = RTA_NEXT(attribute, left))
		if (attribute->rta_type == NETNSA_NSID)
			return *(int *)RTA_DATA(attribute);
	return NETNSA_NSID_NOT_ASSIGNED;
}

static int ensure_nsid(int fd, int netns)
{
	int nsid = get_nsid(fd, netns);
	if (nsid != NETNSA_NSID_NOT_ASSIGNED)
		return nsid;
	begin(RTM_NEWNSID, 0, sizeof(struct rtgenmsg));
	put_u32(NETNSA_NSID, NETNSA_NSID_NOT_ASSIGNED);
	put_u32(NETNSA_FD, netns);
	transact(fd, "new nsid", EEXIST);
	return get_nsid(fd, netns);
}

static void begin_link(const char *name, const unsigned char *mac)
{
	struct ifinfomsg *info = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof *info);
	info->ifi_flags = info->ifi_change = IFF_UP;
	put_text(IFLA_IFNAME, name);
	put(IFLA_ADDRESS, mac, 6);
	put_u32(IFLA_MTU, MTU);
}

static void create_macvlan(int pod, int host_netns, int master, const unsigned char *mac)
{
	int nsid = ensure_nsid(pod, host_netns);
	begin_link("eth0", mac);
	put_u32(IFLA_LINK, master);
	put_u32(IFLA_LINK_NETNSID, nsid);
	struct rtattr *info = open_nest(IFLA_LINKINFO);
	put_text(IFLA_INFO_KIND, "macvlan");
	struct rtattr *data = open_nest(IFLA_INFO_DATA);
	put_u32(IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
	close_nest(data);
	close_nest(info);
	transact(pod, "create macvlan", 0);
}

static void create_veth(int host, int pod_netns, const char *name, const unsigned char *mac, const unsigned char *peer_mac)
{
	struct ifinfomsg peer_info = {0};
	begin_link(name, mac);
	struct rtattr *info = open_nest(IFLA_LINKINFO);
	put_text(IFLA_INFO_KIND, "veth");
	struct rtattr *data = open_nest(IFLA_INFO_DATA);
	struct rtattr *peer = open_nest(VETH_INFO_PEER);
	memcpy(end_of_message(), &peer_info, sizeof peer_info);
	message.header.nlmsg_len += sizeof peer_info;
	put_text(IFLA_IFNAME, "veth0");
	put(IFLA_ADDRESS, peer_mac, 6);
	put_u32(IFLA_MTU, MTU);
	put_u32(IFLA_NET_NS_FD, pod_netns);
	close_nest(peer);
	close_nest(data);
	close_nest(info);
	transact(host, "create veth", 0);
}

static void set_up(int fd, int ifindex)
{
	struct ifinfomsg *info = begin(RTM_SETLINK, 0, sizeof *info);
	info->ifi_index = ifindex;
	info->ifi_flags = info->ifi_change = IFF_UP;
	transact(fd, "set link up", 0);
}

static void delete_link(int fd, int ifindex)
{
	struct ifinfomsg *info = begin(RTM_DELLINK, 0, sizeof *info);
	info->ifi_index = ifindex;
	transact(fd, "delete link", 0);
}

static void add_address(int fd, int ifindex, const char *ip)
{
	struct in_addr address;
	inet_pton(AF_INET, ip, &address);
	struct in_addr broadcast = {address.s_addr | htonl(0xffffffffu >> PREFIX_LENGTH)};
	struct ifaddrmsg *info = begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof *info);
	info->ifa_family = AF_INET;
	info->ifa_prefixlen = PREFIX_LENGTH;
	info->ifa_index = ifindex;
	put(IFA_LOCAL, &address, sizeof address);
	put(IFA_ADDRESS, &address, sizeof address);
	put(IFA_BROADCAST, &broadcast, sizeof broadcast);
	transact(fd, "add address", 0);
}

static void add_route(int fd, int ifindex, const char *destination, int length, const char *gateway)
{
	struct rtmsg *info = begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, sizeof *info);
	info->rtm_family = AF_INET;
	info->rtm_dst_len = length;
	info->rtm_table = RT_TABLE_MAIN;
	info->rtm_protocol = RTPROT_BOOT;
	info->rtm_scope = gateway == NULL ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	info->rtm_type = RTN_UNICAST;
	if (length > 0)
		put_ip(RTA_DST, destination);
	put_u32(RTA_OIF, ifindex);
	if (gateway != NULL)
		put_ip(RTA_GATEWAY, gateway);
	transact(fd, "add route", 0);
}

static void add_neighbour(int fd, int ifindex, const char *ip, const unsigned char *mac)
{
	struct ndmsg *info = begin(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, sizeof *info);
	info->ndm_family = AF_INET;
	info->ndm_ifindex = ifindex;
	info->ndm_state = NUD_PERMANENT;
	put_ip(NDA_DST, ip);
	put(NDA_LLADDR, mac, 6);
	transact(fd, "add neighbour", 0);
}

struct attachment {
	const char *master, *host_end, *pod_ip, *node_ip, *gateway;
};

static void add(int host, int pod, int host_netns, int pod_netns, const struct attachment *want)
{
	unsigned char macs[3][6] = {{0x02, 0xf1}, {0x02, 0xf2}, {0x02, 0xf3}};
	struct in_addr ip;
	inet_pton(AF_INET, want->pod_ip, &ip);
	for (int i = 0; i < 3; i++)
		memcpy(macs[i] + 2, &ip, sizeof ip);

	create_macvlan(pod, host_netns, find_link(host, want->master), macs[0]);
	int eth0 = find_link(pod, "eth0");
	add_address(pod, eth0, want->pod_ip);
	add_route(pod, eth0, NULL, 0, want->gateway);

	create_veth(host, pod_netns, want->host_end, macs[1], macs[2]);
	int veth0 = find_link(pod, "veth0");
	int host_end = find_link(host, want->host_end);
	set_up(pod, veth0);
	add_neighbour(pod, veth0, want->node_ip, macs[1]);
	add_route(pod, veth0, want->node_ip, 32, NULL);
	add_route(pod, veth0, "10.96.0.0", 12, want->node_ip);
	add_route(pod, veth0, "10.244.0.0", 16, want->node_ip);
	add_neighbour(host, host_end, want->pod_ip, macs[2]);
	add_route(host, host_end, want->pod_ip, 32, NULL);
}

static void del(int host, int pod, const struct attachment *want)
{
	delete_link(host, find_link(host, want->host_end));
	delete_link(pod, find_link(pod, "eth0"));
}

static long long now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int argc, char **argv)
{
	if (argc != 8) {
		fprintf(stderr, "usage: floor add|del NETNS MASTER HOST_END POD_IP NODE_IP GATEWAY\n");
		return 2;
	}
	struct attachment want = {argv[3], argv[4], argv[5], argv[6], argv[7]};

	long long start = now();
	int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int pod_netns = open(argv[2], O_RDONLY | O_CLOEXEC);
	if (own < 0 || pod_netns < 0)
		die(argv[2], errno);
	int host = open_socket(own, own);
	int pod = open_socket(pod_netns, own);
	if (strcmp(argv[1], "add") == 0)
		add(host, pod, own, pod_netns, &want);
	else
		del(host, pod, &want);
	printf("%lld\n", now() - start);
	return 0;
}
